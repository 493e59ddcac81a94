/** Whether what is printed is seen on a terminal, where a line can be written anew. */
export function onTerminal(): boolean {
  return process.stdout.isTTY;
}

/** Puts a text in the place of the line on which the cursor stands. */
export function rewriteLine(text: string): void {
  process.stdout.write(`\r\u001b[K${text}`);
}
