/*
 * The model of this folder: what it takes, what it answers, and whether its files are the published
 * ones. It knows no page, so Node.js can try it before anybody opens one. It opens no file whose
 * SHA-256 is not the pinned one.
 */

const ARRAYS = {
  BOOL: ["bool", Uint8Array], UINT8: ["uint8", Uint8Array], UINT16: ["uint16", Uint16Array],
  UINT32: ["uint32", Uint32Array], UINT64: ["uint64", BigUint64Array], INT8: ["int8", Int8Array],
  INT16: ["int16", Int16Array], INT32: ["int32", Int32Array], INT64: ["int64", BigInt64Array],
  FP16: ["float16", globalThis.Float16Array], FP32: ["float32", Float32Array],
  FP64: ["float64", Float64Array], BYTES: ["string", Array],
};
const TOLERANCE = 1e-4;

/** `read` gives the bytes of a file of this folder; `ort` is ONNX Runtime Web, ready to use. */
export async function load({ read, ort, pins }) {
  const manifest = JSON.parse(text(await checked(read, "manifest.json", pins.manifest)));
  const listed = (name) => checked(read, name, manifest.files[name]?.sha256);
  const session = await ort.InferenceSession.create(await listed("model.onnx"), {
    executionProviders: ["wasm"],
    graphOptimizationLevel: manifest.optimized ? "disabled" : "all",
  });
  const golden = manifest.files["golden.json"] ? JSON.parse(text(await listed("golden.json"))) : { examples: [] };
  return new Model(manifest, golden.examples, session, ort);
}

/** The bytes of a file, if they are the pinned ones. */
export async function checked(read, name, wanted) {
  const data = await read(name);
  const digest = await crypto.subtle.digest("SHA-256", data);
  const told = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (told !== wanted) throw new Error(`${name} is not the file that was bundled`);
  return data;
}

class Model {
  #session;
  #ort;
  #last = Promise.resolve();

  constructor(manifest, examples, session, ort) {
    this.manifest = manifest;
    this.examples = examples;
    this.#session = session;
    this.#ort = ort;
    this.fields = fieldsOf(manifest);
  }

  /** Nested lists in, by name; for each output its shape and a flat list. */
  async predict(inputs) {
    const feeds = {};
    for (const spec of this.manifest.inputs) feeds[spec.name] = this.#tensor(spec, inputs[spec.name]);
    const answers = await this.#alone(() => this.#session.run(feeds));
    const told = {};
    for (const { name, datatype } of this.manifest.outputs) {
      const data = Array.from(answers[name].data, (value) => plain(value, datatype));
      told[name] = { shape: [...answers[name].dims], data };
    }
    return told;
  }

  /** The tensors of one row, whose values are by the names of fields. */
  inputsOf(row) {
    const inputs = {};
    for (const spec of this.manifest.inputs) {
      const values = this.fields.filter((field) => field.input === spec.name).map((field) => row[field.name]);
      inputs[spec.name] = values.length > 1 || isColumn(spec) ? [values] : values;
    }
    return inputs;
  }

  /** One row of a golden example, by the names of fields. */
  rowOf(example) {
    const row = {};
    for (const field of this.fields) {
      const first = example.inputs[field.input][0];
      row[field.name] = field.place === null ? first : first[field.place];
    }
    return row;
  }

  /** What is wrong with the answer to a golden example; empty if it is as expected. */
  async fault(example) {
    const outputs = await this.predict(example.inputs);
    for (const { name, datatype } of this.manifest.outputs) {
      const { [name]: wanted } = example.expect;
      const allowed = datatype.startsWith("FP") ? example.tolerance ?? TOLERANCE : 0;
      const told = outputs[name].data;
      if (wanted !== undefined && !alike(told, [wanted].flat(Infinity), allowed)) {
        return `${name} is ${JSON.stringify(told)}; ${JSON.stringify(wanted)} is expected`;
      }
    }
    return "";
  }

  #tensor(spec, value) {
    const [type, kind] = ARRAYS[spec.datatype];
    if (!kind) throw new Error(`this browser has no numbers of the kind ${spec.datatype}`);
    const shape = shapeOf(spec.name, value);
    if (shape.length !== spec.shape.length || spec.shape.some((size, at) => size >= 0 && size !== shape[at])) {
      throw new Error(`${spec.name}: its shape is [${shape}]; [${spec.shape}] is wanted`);
    }
    const values = [value].flat(Infinity).map((each) => elementOf(spec, each, this.manifest.imputes));
    return new this.#ort.Tensor(type, kind.from(values), shape);
  }

  /** One run at a time: a session takes no second one before it has answered the first. */
  #alone(work) {
    this.#last = this.#last.catch(() => undefined).then(work);
    return this.#last;
  }
}

/**
 * What a row has. A feature that is called as an input of one column is that input's own; all others
 * are the columns of the one table that is as wide. Any other input is one field.
 */
function fieldsOf({ inputs, features }) {
  const own = inputs.filter((spec) => isSingle(spec) && features.some((each) => each.name === spec.name));
  const columns = features.filter((each) => own.every((spec) => spec.name !== each.name));
  const rest = inputs.filter((spec) => !own.includes(spec));
  const wide = rest.find((spec) => columns.length && spec.shape.length === 2 && spec.shape[1] === columns.length);
  const apart = rest.every((spec) => spec === wide || columns.every((each) => each.name !== spec.name));
  return inputs.flatMap((spec) => {
    const { name: input, datatype, shape } = spec;
    if (apart && spec === wide) return columns.map((each, place) => ({ ...each, input, datatype, shape: [], place }));
    const feature = features.find((each) => each.name === input && isSingle(spec));
    const inner = isColumn(spec) ? [] : shape.slice(1);
    return [{ ...feature, name: input, input, datatype, shape: inner, place: isColumn(spec) ? 0 : null }];
  });
}

const isSingle = (spec) => spec.shape.length === 1 || isColumn(spec);
const isColumn = (spec) => spec.shape.length === 2 && spec.shape[1] === 1;

function elementOf(spec, value, imputes) {
  const isFraction = spec.datatype.startsWith("FP");
  if (value === null && imputes && isFraction) return NaN;
  const wanted = { BOOL: "boolean", BYTES: "string" }[spec.datatype] ?? "number";
  if (typeof value !== wanted) throw new Error(`${spec.name}: a ${wanted} is wanted`);
  if (wanted !== "number" || isFraction) return wanted === "boolean" ? Number(value) : value;
  const [, kind] = ARRAYS[spec.datatype];
  const exact = spec.datatype.endsWith("64") && Number.isInteger(value) ? BigInt(value) : value;
  if (kind.of(exact)[0] !== exact) throw new Error(`${spec.name}: ${value} is no ${spec.datatype}`);
  return exact;
}

function shapeOf(name, value) {
  if (!Array.isArray(value)) return [];
  const [first = [], ...rest] = value.map((each) => shapeOf(name, each));
  if (rest.some((each) => `${each}` !== `${first}`)) throw new Error(`${name}: its lists differ in length`);
  return [value.length, ...first];
}

const alike = (told, wanted, allowed) =>
  told.length === wanted.length &&
  wanted.every((each, at) => told[at] === each || Math.abs(told[at] - each) <= allowed);

/** What JSON can hold; a whole number beyond 2 ** 53 loses its last digits. */
function plain(value, datatype) {
  if (datatype === "BOOL") return Boolean(value);
  return typeof value === "bigint" ? Number(value) : value;
}

const text = (data) => new TextDecoder().decode(data);
