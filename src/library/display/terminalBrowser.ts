/** A page is no terminal. */
export const onTerminal = (): boolean => false;

/** Nothing to rewrite. */
export const rewriteLine = (): void => {};
