// A stand-in for OpenAI's server that others have made. The name of the model says what it does. It prints where it is, and
// ends when its input does.
import { LLMock } from "@copilotkit/aimock";

const content = process.argv[2];
const mock = new LLMock({ port: 0, chunkSize: 12 });
mock.on({ model: "good" }, { content });
mock.on({ model: "thinks" }, { content, reasoning: "The source says so." });
mock.on({ model: "long" }, { content, finishReason: "length" });
mock.on({ model: "filtered" }, { content, finishReason: "content_filter" });
mock.on({ model: "broken-off" }, { content }, { truncateAfterChunks: 3, latency: 20 });
mock.on({ model: "limited" }, { error: { message: "slow down", type: "rate_limit_error", code: "rate_limit_exceeded" }, status: 429 });
mock.on({ model: "down" }, { error: { message: "overloaded", type: "server_error" }, status: 503 });
mock.on({ model: "counts" }, { content, usage: { prompt_tokens: 812, completion_tokens: 43, total_tokens: 855 } });

console.log(await mock.start());
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
