import { wandaPlusPlus } from '../../../src/methods/score/wanda++.ts';
import { describeBlend } from '../../support/blend.ts';
import { plainAlgebra } from '../../support/plain-algebra.ts';

describeBlend('wanda++', 'blockGradient', async ({ weight, stats }, alpha = 100) =>
  wandaPlusPlus.score({ weight, stats, damping: 0.01, algebra: plainAlgebra }, { alpha }),
);
