export const count = (boxes: number[]): number => boxes.reduce((a, b) => a + b, 0);
