/** What llama.cpp calls the tensors of the families Secateur knows, and which of them it stores with other rows first. */

/** The architectures, as `general.architecture` names them; Mistral and SmolLM2 are stored as `llama`. */
export const ggufArchitectures = ['llama', 'qwen2', 'qwen3'] as const;

export type GgufArchitecture = (typeof ggufArchitectures)[number];

export interface HuggingFaceTensor {
  readonly name: string;
  /**
   * Set where llama.cpp rotates neighbouring rows and Hugging Face the two halves of a head: whose heads they are. In every head of
   * d rows, stored row 2i + s is row s·d/2 + i of the Hugging Face tensor, s in {0, 1}.
   */
  readonly interleaved?: 'query' | 'key';
}

const whole: Readonly<Record<string, string>> = {
  'output.weight': 'lm_head.weight',
  'output_norm.weight': 'model.norm.weight',
  'token_embd.weight': 'model.embed_tokens.weight',
};

const perBlock: Readonly<Record<string, string>> = {
  attn_k: 'self_attn.k_proj',
  attn_k_norm: 'self_attn.k_norm',
  attn_norm: 'input_layernorm',
  attn_output: 'self_attn.o_proj',
  attn_q: 'self_attn.q_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_v: 'self_attn.v_proj',
  ffn_down: 'mlp.down_proj',
  ffn_gate: 'mlp.gate_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_up: 'mlp.up_proj',
};

/** The Hugging Face tensor that a tensor of a GGUF file holds; `undefined` for a name no family here has. */
export function huggingFaceTensor(architecture: GgufArchitecture, ggufName: string): HuggingFaceTensor | undefined {
  if (Object.hasOwn(whole, ggufName)) return { name: whole[ggufName] };
  const [, block, part, kind] = /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(ggufName) ?? [];
  if (!part || !Object.hasOwn(perBlock, part)) return undefined;
  const name = `model.layers.${block}.${perBlock[part]}.${kind}`;
  if (architecture !== 'llama') return { name };
  if (part === 'attn_q') return { name, interleaved: 'query' };
  if (part === 'attn_k') return { name, interleaved: 'key' };
  return { name };
}
