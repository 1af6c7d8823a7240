/*
 * ONNX Runtime Web of this folder: WASM alone, one thread, so that any static file server will do
 * (several threads need two headers that few set). Its binary is checked as the model is.
 */

import { checked } from "./model.js";

export async function runtime(read, pins) {
  const [ort, binary] = await Promise.all([
    import("./ort/ort.wasm.min.js"),
    checked(read, "ort/ort-wasm-simd-threaded.wasm", pins.runtime),
  ]);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { mjs: new URL("./ort/ort-wasm-simd-threaded.js", import.meta.url).href };
  ort.env.wasm.wasmBinary = binary;
  ort.env.logLevel = "error";
  return ort;
}
