import { count } from "./count";

export const sum: string = count([1, 2]);
