/** What crosses a boundary as plain data: progress, inspections and plans. */

export type StepName =
  | 'read'
  | 'tokenise'
  | 'measure'
  | 'evaluate before'
  | 'prune'
  | 'evaluate after'
  | 'prune control'
  | 'evaluate control'
  | 'save'
  | 'evaluate'
  | 'import';

export interface Progress {
  readonly step: StepName;
  /** How far this step is, in its own unit; may be fractional. */
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes' | 'blocks' | 'parts' | 'tokens';
  /** What is being worked on just now, for a person. */
  readonly detail: string;
}

/** One matrix and what it is to become. */
export interface PlannedMatrix {
  readonly name: string;
  readonly block: number;
  readonly kind: string;
  /** `[out, in]`. */
  readonly shape: readonly [number, number];
  readonly dtype: string;
  /** Zeros it will have. */
  readonly zeros: number;
  readonly sparsity: number;
  /** What set it: the allocator, or the glob of the recipe that fixed it. */
  readonly setBy: string;
}

export interface Needs {
  /** Peak memory a run is expected to reach, bytes. */
  readonly memoryBytes: number;
  /** Room the result takes on disk, bytes. */
  readonly diskBytes: number;
  /** Size of the scratch file for hidden states that pass the memory limit, bytes; 0 where they stay in memory. */
  readonly scratchBytes: number;
  /** A rough time on this machine, from a measured product; seconds. */
  readonly seconds: number;
}

export interface Plan {
  readonly model: string;
  readonly to: string;
  readonly modelType: string;
  readonly parameters: number;
  readonly prunable: number;
  readonly sparsity: number;
  readonly zeros: number;
  readonly pattern: string | null;
  /** The measure without whose result the budget is only the uniform one; `null` where the budget is what a run would take. */
  readonly awaits: string | null;
  /** Whether the run prunes a second time, with the uniform allocation, to compare with. */
  readonly control: boolean;
  readonly calibration: {
    readonly text: string;
    readonly samples: number;
    readonly length: number;
    readonly seed: number;
    readonly flow: string;
  };
  readonly method: string;
  readonly matrices: readonly PlannedMatrix[];
  readonly needs: Needs;
}

/** One prunable matrix of a checkpoint. */
export interface CheckpointMatrix {
  readonly name: string;
  readonly block: number;
  readonly kind: string;
  /** `[out, in]`. */
  readonly shape: readonly [number, number];
  readonly dtype: string;
}

/** What a checkpoint is, from its config and headers. */
export interface Inspection {
  readonly folder: string;
  readonly modelType: string;
  readonly blocks: number;
  readonly hiddenSize: number;
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly parameters: number;
  readonly prunable: number;
  /** Number of tensors of each type. */
  readonly dtypes: Readonly<Record<string, number>>;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly matrices: readonly CheckpointMatrix[];
}
