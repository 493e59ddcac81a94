/** What a cell's code is given by whoever runs it. No cell can declare these. */
export const runtime = { cell: "__cell", scope: "__scope", stop: "__stop" } as const;
