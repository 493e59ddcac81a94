/** There is no tslab in a page: displays go where `connectDisplay` says. */
export const tslabWriter = (): undefined => undefined;
