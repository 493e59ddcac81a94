/** How a line and its markers look. Colour is never alone: dash and symbol tell the same. */
export interface Style {
  readonly color: string;
  readonly dash: "solid" | "dash" | "dot" | "dashdot" | "longdash";
  readonly symbol: string;
}
