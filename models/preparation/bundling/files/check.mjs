/*
 * Tries a web bundle in Node.js: the very files that a browser gets, asked for real answers.
 * `node check.mjs FOLDER` reads a list of inputs on stdin, and prints the outputs of each as JSON.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const file = (name) => pathToFileURL(join(folder, name)).href;
const read = (name) => readFile(join(folder, name));
try {
  const [{ load }, { runtime }, { PINS }] = await Promise.all(
    ["model.js", "runtime.js", "pins.js"].map((name) => import(file(name))),
  );
  const model = await load({ read, ort: await runtime(read, PINS), pins: PINS });
  const answers = [];
  for (const inputs of JSON.parse(await text(process.stdin))) answers.push(await model.predict(inputs));
  process.stdout.write(JSON.stringify(answers));
} catch (error) {
  process.stderr.write(String(error.message ?? error));
  process.exitCode = 1;
}
