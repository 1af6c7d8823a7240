export const PINS = { manifest: "$manifest", runtime: "$runtime" };
