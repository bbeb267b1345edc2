// What discord.js needs of the package zlib-sync, which has to be compiled and is therefore not installed.
import zlib from 'node:zlib';

class Inflate {
  #packed = Buffer.alloc(0);
  #told = 0;

  push(chunk) {
    this.#packed = Buffer.concat([this.#packed, chunk]);
    const all = zlib.inflateSync(this.#packed, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
    this.result = all.subarray(this.#told);
    this.#told = all.length;
  }
}

export default { ...zlib.constants, Inflate };

// resolve has Node.js find this file when the package is asked for.
export function resolve(name, context, next) {
  return name === 'zlib-sync' ? { url: import.meta.url, shortCircuit: true } : next(name, context);
}
