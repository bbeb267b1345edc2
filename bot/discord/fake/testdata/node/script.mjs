// Runs the app of one flow: node script.mjs FLOW. It ends when its standard input does, or with an error.
import { flows } from './flows.mjs';

const name = process.argv[2];
if (!(name in flows)) {
  throw new Error(`there is no flow ${name}`);
}
const stop = await flows[name]();
process.stdin.on('end', stop).resume();
