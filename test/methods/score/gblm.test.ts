import { gblm } from '../../../src/methods/score/gblm.ts';
import { describeBlend } from '../../support/blend.ts';
import { plainAlgebra } from '../../support/plain-algebra.ts';

describeBlend('gblm', 'lossGradient', async ({ weight, stats }, alpha = 100) =>
  gblm.score({ weight, stats, damping: 0.01, algebra: plainAlgebra }, { alpha, windows: 16 }),
);
