// The app that the flows are made with.
import { register as hook } from 'node:module';
import { Client, CompressionMethod, Events, GatewayIntentBits, Partials, SimpleShardingStrategy } from 'discord.js';

export const env = process.env;

// How what comes over the gateway is compressed. What there is no option for, discord.js decides by what is installed.
const compressed = {
  buildStrategy(manager) {
    manager.options.compression = CompressionMethod.ZlibStream;
    return new SimpleShardingStrategy(manager);
  },
};

// fail ends the script: what the client takes for wrong is wrong.
function fail(error) {
  console.error(error);
  process.exit(1);
}

// connect starts an app and returns what stops it. An error in a handler ends it.
export async function connect(register, ws = {}) {
  const client = new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMembers,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.GuildMessageReactions,
      GatewayIntentBits.DirectMessages,
      GatewayIntentBits.MessageContent,
    ],
    partials: [Partials.Channel],
    rest: { api: env.DISCORD_API_URL },
    allowedMentions: { parse: [], repliedUser: false },
    ws,
  });
  client.on(Events.Warn, fail);
  client.on(Events.Error, fail);
  client.on(Events.ShardError, fail);
  register(client);
  await client.login(env.DISCORD_TOKEN);
  return () => client.destroy();
}

// connectPacked starts an app that has each payload compressed, as discord.js does without zlib-sync.
export const connectPacked = (register) => connect(register, compressed);

// connectStreamed starts an app that has the whole connection compressed.
export function connectStreamed(register) {
  hook('./zlib-sync.mjs', import.meta.url);
  return connect(register, compressed);
}
