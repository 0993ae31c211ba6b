/** The tensor runtime: compiles graphs for onnxruntime, runs them on plain typed arrays, and multiplies matrices. */

import { InferenceSession, Tensor } from 'onnxruntime-node';
import { SecateurError } from '../error.ts';
import type { Graph } from '../graph/ir.ts';
import { type TensorPlace, toOnnx } from '../graph/onnx.ts';
import { encodeModel } from '../graph/protobuf.ts';
import type { Algebra } from '../methods/algebra.ts';
import type { Matrix } from '../tensor/matrix.ts';

/** The providers a user may ask for. `auto` is the processor: the only one that is there on every machine. */
export const providers = ['auto', 'cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;
export type Provider = (typeof providers)[number];

export type Arrays = Readonly<Record<string, Float32Array | BigInt64Array>>;

/** A compiled graph; released when its scope ends. */
export interface Program extends AsyncDisposable {
  /** Reads `feeds` and writes every output of the graph into the array of its name, without copies in between. */
  run(feeds: Arrays, into: Readonly<Record<string, Float32Array>>): Promise<void>;
}

/** Where the weights of a graph lie: a folder, and each tensor's place in its files. */
export interface WeightFiles {
  readonly folder: string;
  place(tensor: string): TensorPlace;
}

export interface Runtime {
  readonly provider: Exclude<Provider, 'auto'>;
  readonly threads: number;
  readonly gemm: Algebra['gemm'];
  compile(graph: Graph, weights: WeightFiles): Promise<Program>;
}

/** @param threads  how many threads one operation may use; the same number gives the same bits */
export function createRuntime({ provider, threads }: { readonly provider: Provider; readonly threads: number }): Runtime {
  // The runtime's own builds report usage to their maker unless this is set before the first session; nothing here may leave the machine.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  const executionProvider = provider === 'auto' ? 'cpu' : provider;
  const options: InferenceSession.SessionOptions = {
    executionProviders: [executionProvider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // An arena keeps the largest block it ever held; blocks come and go here, and memory is promised not to grow.
    enableCpuMemArena: false,
    logSeverityLevel: 3,
  };
  return {
    provider: executionProvider,
    threads,
    gemm: createGemm(options),
    async compile(graph, weights) {
      const extra = { session: { model_external_initializers_file_folder_path: weights.folder } };
      const session = await createSession(toOnnx(graph, weights.place), { ...options, extra });
      const shapes = new Map([...graph.inputs, ...graph.outputs].map(({ name, value }) => [name, value.shape]));
      const wrap = ([name, data]: [string, Float32Array | BigInt64Array]) => [name, tensor(data, shapes.get(name)!)] as const;
      return {
        async run(feeds, into) {
          await session.run(Object.fromEntries(Object.entries(feeds).map(wrap)), Object.fromEntries(Object.entries(into).map(wrap)));
        },
        [Symbol.asyncDispose]: () => session.release(),
      };
    },
  };
}

async function createSession(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model, options);
  } catch (cause) {
    const provider = options.executionProviders?.[0];
    if (provider === 'cpu') throw cause;
    throw new SecateurError(
      'UNSUPPORTED',
      `provider ${provider} cannot run this graph on this machine: ${(cause as Error).message}`,
      'Use provider cpu.',
      {
        cause,
      },
    );
  }
}

/** One open-ended session per kind of product, made at its first use. */
function createGemm(options: InferenceSession.SessionOptions): Algebra['gemm'] {
  const sessions = new Map<string, Promise<InferenceSession>>();
  return async (a, b, c, { transA = false, transB = false, alpha = 1, beta = 0 } = {}) => {
    checkGemm(a, b, c, transA, transB);
    const key = `${transA} ${transB} ${alpha} ${beta}`;
    const session = sessions.get(key) ?? createSession(gemmModel(transA, transB, alpha, beta), options);
    sessions.set(key, session);
    const [ta, tb, tc] = [a, b, c].map((matrix) => tensor(matrix.data, [matrix.rows, matrix.cols])) as [Tensor, Tensor, Tensor];
    await (await session).run(beta === 1 ? { a: ta, b: tb, c: tc } : { a: ta, b: tb }, { y: tc });
  };
}

function gemmModel(transA: boolean, transB: boolean, alpha: number, beta: 0 | 1): Uint8Array {
  const value = (name: string) => ({ name, type: 'f32' as const, shape: [`${name}0`, `${name}1`] });
  const attributes = { alpha, beta, transA: { int: Number(transA) }, transB: { int: Number(transB) } };
  const inputs = beta === 1 ? ['a', 'b', 'c'] : ['a', 'b'];
  return encodeModel({
    nodes: [{ op: 'Gemm', inputs, outputs: ['y'], attributes }],
    initializers: [],
    inputs: inputs.map(value),
    outputs: [value('y')],
  });
}

function checkGemm(a: Matrix, b: Matrix, c: Matrix, transA: boolean, transB: boolean): void {
  const [rows, inner] = transA ? [a.cols, a.rows] : [a.rows, a.cols];
  const [innerB, cols] = transB ? [b.cols, b.rows] : [b.rows, b.cols];
  if (inner === innerB && c.rows === rows && c.cols === cols) return;
  throw new SecateurError('SHAPE_MISMATCH', `gemm: [${rows}, ${inner}] · [${innerB}, ${cols}] into [${c.rows}, ${c.cols}]`);
}

function tensor(data: Float32Array | BigInt64Array, shape: readonly number[]): Tensor {
  return data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int64', data, shape);
}
