// What the apps do, by the name of the flow. Each does the same as its counterpart in node_test.go.
import { SocketModeClient } from '@slack/socket-mode';
import { WebClient } from '@slack/web-api';
import { byOAuth, clientOptions, env, overHTTP, overSocket } from './app.mjs';

// The channel in which the people of the test are.
const general = 'C1';

const plain = (text) => ({ type: 'plain_text', text });
const section = (text) => ({ type: 'section', block_id: 'said', text: { type: 'mrkdwn', text } });
const button = (action_id, text, value) => ({ type: 'button', action_id, text: plain(text), value });
const actions = (...elements) => ({ type: 'actions', block_id: 'row', elements });

// mentioned registers what an app does when it is mentioned: what it gets is the client, the event, where to answer, and a
// function that answers with a text there.
const mentioned = (handle) => (app) =>
  app.event('app_mention', ({ client, event, context }) => {
    const at = { channel: event.channel, thread_ts: event.ts };
    const say = (text) => client.chat.postMessage({ ...at, text });
    return handle({ client, event, at, say, context });
  });

const onMention = (handle) => () => overSocket(mentioned(handle));

const echo = ({ event, say }) => say(`<@${event.user}> said: ${event.text}`);

// code is what an API call that must fail was refused with.
async function code(refused) {
  try {
    await refused;
    return 'ok';
  } catch (error) {
    return error.data?.error ?? String(error);
  }
}

// The app of the flow auth is made with the bare clients, without Bolt.
async function auth() {
  const client = new WebClient(env.SLACK_BOT_TOKEN, clientOptions);
  const socket = new SocketModeClient({ appToken: env.SLACK_APP_TOKEN, clientOptions });
  socket.on('app_mention', async ({ event, ack }) => {
    await ack();
    const me = await client.auth.test();
    const text = [me.team, me.team_id, me.user_id, me.bot_id, me.url, me.response_metadata.scopes].join(' ');
    await client.chat.postMessage({ channel: event.channel, thread_ts: event.ts, text });
  });
  await socket.start();
  return () => socket.disconnect();
}

function direct(app) {
  app.message(({ message, say }) => say(`${message.channel_type}: ${message.text}`));
}

function slash(app) {
  app.command('/claim', async ({ command, ack, respond }) => {
    if (command.text !== '') {
      await ack(`checking ${command.text} for ${command.user_name} in ${command.channel_name}`);
      return;
    }
    await ack();
    await respond('what shall be checked?');
    await respond({ response_type: 'in_channel', text: 'somebody had nothing to check', blocks: [section('*nothing*')] });
  });
}

const claim = (metadata) => ({
  type: 'modal',
  callback_id: 'claim',
  private_metadata: metadata,
  title: plain('A claim'),
  submit: plain('Check'),
  blocks: [
    {
      type: 'input',
      block_id: 'claim',
      label: plain('What is said'),
      element: { type: 'plain_text_input', action_id: 'text', multiline: true },
    },
  ],
});

const card = ({ event, client }) =>
  client.chat.postMessage({ channel: event.channel, text: 'card', blocks: [section('*card*'), actions(button('open', 'Open', '42'))] });

function dialog(app) {
  mentioned(card)(app);
  app.action('open', async ({ ack, action, body, client, respond }) => {
    await ack();
    const { view } = await client.views.open({ trigger_id: body.trigger_id, view: claim(`${action.value} ${body.channel.id}`) });
    await respond({ replace_original: true, text: `${view.title.text} is open` });
  });
  app.view('claim', async ({ ack, view, body, client }) => {
    const text = view.state.values.claim.text.value;
    if (text.length < 10) {
      await ack({ response_action: 'errors', errors: { claim: 'too short' } });
      return;
    }
    await ack({ response_action: 'clear' });
    const [value, channel] = view.private_metadata.split(' ');
    await client.chat.postMessage({ channel, text: `${body.user.id} says ${text} (${value})` });
  });
}

const step = (title) => ({ ...claim(general), callback_id: title.toLowerCase(), title: plain(title), notify_on_close: true });

function steps(app) {
  app.shortcut('steps', async ({ ack, shortcut, client }) => {
    await ack();
    const { view } = await client.views.open({ trigger_id: shortcut.trigger_id, view: step('First') });
    await client.views.update({ view_id: view.id, hash: view.hash, view: { ...step('First'), title: plain('First, better') } });
  });
  app.view('first', ({ ack }) => ack({ response_action: 'push', view: step('Second') }));
  app.view('second', ({ ack }) => ack({ response_action: 'update', view: step('Third') }));
  app.view({ callback_id: 'third', type: 'view_closed' }, async ({ ack, view, body, client }) => {
    await ack();
    await client.chat.postMessage({ channel: view.private_metadata, text: `${view.title.text} closed, all: ${body.is_cleared}` });
  });
}

const showMenu = ({ event, client }) =>
  client.chat.postMessage({
    channel: event.channel,
    text: 'menu',
    blocks: [actions({ type: 'external_select', action_id: 'pick', placeholder: plain('Pick') })],
  });

function menu(app) {
  mentioned(showMenu)(app);
  const option = (value) => ({ text: plain(value), value });
  app.options('pick', ({ ack, payload }) => ack({ options: [option(`${payload.value}-1`), option(`${payload.value}-2`)] }));
  app.action('pick', async ({ ack, action, body, client }) => {
    await ack();
    await client.chat.postMessage({ channel: body.channel.id, text: action.selected_option.value });
  });
}

function shortcut(app) {
  app.shortcut('check', async ({ ack, shortcut, client, respond }) => {
    await ack();
    const { channel, message, user } = shortcut;
    await client.chat.postMessage({ channel: channel.id, thread_ts: message.ts, text: `${user.id} wants to know: ${message.text}` });
    await respond('you will see it in the thread');
  });
}

function home(app) {
  app.event('app_home_opened', ({ event, client }) =>
    client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [section(`*${event.tab}*`), actions(button('mute', 'Mute', 'on'))] } }),
  );
  app.action('mute', async ({ ack, body, client }) => {
    await ack();
    await client.views.publish({ user_id: body.user.id, hash: body.view.hash, view: { type: 'home', blocks: [section('*muted*')] } });
  });
}

function prompts(app) {
  app.event('app_home_opened', ({ event, client }) =>
    client.assistant.threads.setSuggestedPrompts({
      channel_id: event.channel,
      title: 'Ask me',
      prompts: [
        { title: 'Who pays?', message: 'Who pays for the bridge?' },
        { title: 'Is it safe?', message: 'Is the bridge safe, "really"?' },
      ],
    }),
  );
}

const stream = ({ client, at, context, event }, buffer_size) =>
  client.chatStream({ ...at, recipient_team_id: context.teamId, recipient_user_id: event.user, buffer_size });

async function streams(o) {
  const streamer = stream(o, 8);
  await streamer.append({ markdown_text: 'The **town** pays' });
  await streamer.append({ chunks: [{ type: 'task_update', id: '1', title: 'Reading', status: 'complete' }] });
  await streamer.append({ markdown_text: ' for' });
  await streamer.append({ markdown_text: ' it' });
  await streamer.append({ chunks: [{ type: 'blocks', blocks: [{ type: 'divider', block_id: 'line' }] }] });
  await streamer.stop({
    markdown_text: '.',
    blocks: [{ type: 'context', block_id: 'foot', elements: [{ type: 'mrkdwn', text: '2 sources' }] }],
  });
}

// When somebody presses the stop button, the stream takes nothing any more, and the app ends the session.
function stopped(app) {
  let streamer;
  mentioned(async (o) => {
    await o.client.agents.sessions.setStatus({ channel_id: o.at.channel, thread_ts: o.at.thread_ts, status: 'processing' });
    streamer = stream(o, 1);
    await streamer.append({ markdown_text: 'The town' });
    await o.say('begun');
  })(app);
  app.event('agent_session_stopped', async ({ event, client }) => {
    const { channel, thread_ts } = event;
    const refusal = await code(streamer.append({ markdown_text: ' pays' }));
    await client.chat.postMessage({ channel, thread_ts, text: `${refusal} ${event.streaming_message_ts.includes(streamer.ts)}` });
    await client.agents.sessions.setStatus({ channel_id: channel, thread_ts, status: 'active' });
  });
}

// A stream that is five minutes old takes nothing any more. The second mention comes when it is.
function late() {
  let streamer;
  return async (o) => {
    if (streamer === undefined) {
      streamer = stream(o, 1);
      await streamer.append({ markdown_text: 'The town' });
      await o.say('begun');
      return;
    }
    const appended = await code(streamer.append({ markdown_text: ' pays' }));
    const stopped = await code(streamer.stop());
    await o.client.chat.update({ channel: o.event.channel, ts: streamer.ts, text: 'The town pays' });
    await o.say(`${appended} ${stopped}`);
  };
}

async function status({ client, at, say }) {
  const session = { channel_id: at.channel, thread_ts: at.thread_ts };
  const { agent_status, title } = await client.agents.sessions.setStatus({ ...session, status: 'processing', title: 'Payers' });
  await client.assistant.threads.setStatus({ ...session, status: 'is reading', loading_messages: ['Reading', 'Checking, twice'] });
  await client.agents.sessions.rename({ ...session, title: 'Who pays' });
  await say(`${agent_status} ${title}`);
  await client.assistant.threads.setStatus({ ...session, status: 'is thinking' });
  await client.agents.sessions.setStatus({ ...session, status: 'active' });
}

async function pages({ client, event, say }) {
  const ids = [];
  for await (const page of client.paginate('users.list', { limit: 1 })) {
    ids.push(...page.members.map((member) => member.id));
  }
  for await (const page of client.paginate('conversations.members', { channel: event.channel, limit: 2 })) {
    ids.push(...page.members);
  }
  await say(ids.join(' '));
}

async function replies({ client, at, event, say }) {
  await client.chat.postMessage({ ...at, text: 'the town', metadata: { event_type: 'answered', event_payload: { id: '42' } } });
  const { messages, has_more } = await client.conversations.replies({ channel: event.channel, ts: event.ts, include_all_metadata: true });
  const lines = messages.map((m) => [m.user, m.text, m.reply_count ?? 0, m.metadata?.event_type ?? '', m.metadata?.event_payload.id ?? ''].join('|'));
  await say([...lines, `more: ${has_more}`].join('\n'));
}

async function ephemeral({ client, at, event, say }) {
  await client.chat.postEphemeral({ ...at, user: event.user, text: 'only you see this', blocks: [section('*only you*')] });
  await say(await code(client.chat.postEphemeral({ ...at, user: 'U404', text: 'nobody sees this' })));
}

async function update({ client, event, say }) {
  const { ts } = await say('I am reading');
  await client.chat.update({ channel: event.channel, ts, text: 'the town pays', blocks: [section('*The town* pays & <https://example.com|pays>')] });
  await say(await code(client.chat.update({ channel: event.channel, ts: '1.2', text: 'x' })));
}

async function permalink({ client, event, say }) {
  const { ts } = await say('the town');
  const { permalink } = await client.chat.getPermalink({ channel: event.channel, message_ts: ts });
  await say(permalink);
}

function http(app) {
  mentioned(echo)(app);
  app.command('/claim', ({ command, ack }) => ack(`checking ${command.text}`));
  app.shortcut('check', async ({ ack, shortcut, client }) => {
    await client.chat.postMessage({ channel: shortcut.channel.id, thread_ts: shortcut.message.ts, text: `checking ${shortcut.message.text}` });
    await ack();
  });
}

export const flows = {
  auth,
  mention: onMention(echo),
  direct: () => overSocket(direct),
  slash: () => overSocket(slash),
  dialog: () => overSocket(dialog),
  steps: () => overSocket(steps),
  menu: () => overSocket(menu),
  shortcut: () => overSocket(shortcut),
  home: () => overSocket(home),
  prompts: () => overSocket(prompts),
  stream: onMention(streams),
  stopped: () => overSocket(stopped),
  late: onMention(late()),
  status: onMention(status),
  pages: onMention(pages),
  replies: onMention(replies),
  ephemeral: onMention(ephemeral),
  update: onMention(update),
  permalink: onMention(permalink),
  limited: onMention(echo),
  reconnect: onMention(echo),
  unknown: onMention(echo),
  http: () => overHTTP(http),
  verify: () => overHTTP(mentioned(echo)),
  oauth: () => byOAuth(mentioned(echo)),
};
