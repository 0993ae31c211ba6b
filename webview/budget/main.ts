/** The budget panel: puts it into the page and connects it with the extension. */

import type { FromBudget, ToBudget } from '../../src/protocol/panel.ts';
import { openChannel } from '../kit/channel.ts';
import { routeUndo } from '../kit/undo-keys.ts';
import { BudgetPanel, type Kept } from './panel.ts';

const channel = openChannel<ToBudget, FromBudget, Kept>();
const panel = new BudgetPanel();
panel.connect(channel);
document.body.append(panel);
routeUndo((type) => channel.post({ type }));
