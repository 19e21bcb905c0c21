// Ours: what the console uses of uPlot, for the type checker.

export default class uPlot {
  constructor(options: object, data: (number | null)[][], place: HTMLElement);
  cursor: { idx?: number | null };
  destroy(): void;
}
