// What the apps do, by the name of the flow. What an app has seen it says in the channel, where the test looks for it.
import {
  ActionRowBuilder,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ButtonBuilder,
  ButtonStyle,
  ChannelType,
  ContainerBuilder,
  Events,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  SeparatorBuilder,
  StringSelectMenuBuilder,
  TextDisplayBuilder,
  TextInputBuilder,
  TextInputStyle,
  ThreadAutoArchiveDuration,
} from 'discord.js';
import { connect, connectPacked, connectStreamed, env } from './app.mjs';

const button = (id, label) => new ButtonBuilder().setCustomId(id).setLabel(label).setStyle(ButtonStyle.Primary);
const row = (...components) => new ActionRowBuilder().addComponents(...components);
const text = (content) => new TextDisplayBuilder().setContent(content);
const general = (client) => client.channels.cache.find((channel) => channel.name === 'general');

// written registers what an app does when somebody has written something.
const written = (handle) => (client) =>
  client.on(Events.MessageCreate, (message) => (message.author.bot || message.system ? undefined : handle(message)));

const onMessage = (handle) => () => connect(written(handle));

// used registers the app's commands, and what it does when somebody uses them or what is in its messages.
const used = (commands, handle) => (client) => {
  client.once(Events.ClientReady, () => client.application.commands.set(commands));
  client.on(Events.InteractionCreate, handle);
};

const onUse = (commands, handle) => () => connect(used(commands, handle));

const claim = {
  name: 'claim',
  description: 'Check a claim',
  options: [{ name: 'text', description: 'What is said', type: ApplicationCommandOptionType.String, required: true, autocomplete: true }],
};

const check = { name: 'Check this', type: ApplicationCommandType.Message };

// code is what a request that must fail was refused with.
async function code(refused) {
  try {
    await refused;
    return 'ok';
  } catch (error) {
    return [error.status, error.code, ...error.message.split('\n')].join(' ');
  }
}

function login(client) {
  client.once(Events.ClientReady, async () => {
    await client.application.fetch();
    const guild = await client.guilds.fetch(env.DISCORD_GUILD);
    const me = await guild.members.fetch({ user: client.user.id, force: true });
    const members = await guild.members.fetch();
    const roles = await guild.roles.fetch();
    const channels = await guild.channels.fetch();
    const { threads } = await guild.channels.fetchActiveThreads();
    const names = (all, name) => all.map(name).sort().join(' ');
    await general(client).send(
      [
        `${client.user.tag} is ${me.displayName} in ${guild.name}, for ${client.application.name}`,
        names(members, (member) => member.displayName),
        names(roles, (role) => role.name),
        names(channels, (channel) => `${channel.name}:${ChannelType[channel.type]}`),
        names(threads, (thread) => thread.name),
      ].join('\n'),
    );
  });
}

async function reply(message) {
  const sent = await message.reply({
    content: `${message.member.displayName} said in ${message.guild.name}: ${message.cleanContent}`,
    files: [{ attachment: Buffer.from('read'), name: 'a.txt', description: 'What was read' }],
  });
  const again = await message.channel.messages.fetch({ message: sent.id, force: true });
  const { content } = await again.fetchReference();
  const history = await message.channel.messages.fetch({ limit: 10, cache: false });
  await message.channel.send(`${history.size} messages, the last a reply to ${content} with ${again.attachments.first().name}`);
}

async function direct(message) {
  await message.channel.sendTyping();
  await message.channel.send(`${message.author.displayName} in a ${ChannelType[message.channel.type]}: ${message.content}`);
  const other = await message.client.users.send(env.DISCORD_OTHER, 'psst');
  await message.channel.send(`told ${other.channel.recipient.username}`);
}

function edit(client) {
  written(async (message) => {
    const sent = await message.channel.send({ content: 'reading', nonce: '1', enforceNonce: true });
    await sent.edit('read');
    const gone = await message.channel.send('gone');
    await gone.delete();
  })(client);
  const told = (message) => !message.author.bot;
  client.on(Events.MessageUpdate, (old, message) => told(message) && message.channel.send(`${old.content} became ${message.content}`));
  client.on(Events.MessageDelete, (message) => told(message) && message.channel.send(`${message.content} is gone`));
}

function react(client) {
  written((message) => message.react('👀'))(client);
  client.on(Events.MessageReactionAdd, async ({ message, emoji, count }, user) => {
    if (!user.bot) {
      const users = await message.reactions.cache.get(emoji.name).users.fetch();
      await message.reactions.cache.get('👀').users.remove(client.user);
      await message.channel.send(`${user.username} says ${emoji.name}, of ${count}: ${users.map((u) => u.username)}`);
    }
  });
  client.on(Events.MessageReactionRemove, ({ message, emoji }, user) => user.bot || message.channel.send(`${user.username} takes ${emoji.name} back`));
}

async function thread(message) {
  if (message.channel.isThread()) {
    await message.channel.send(`in ${message.channel.name} of ${message.channel.parent.name}: ${message.content}`);
    return;
  }
  const opened = await message.startThread({ name: 'who pays', autoArchiveDuration: ThreadAutoArchiveDuration.OneHour });
  await opened.sendTyping();
  const starter = await opened.fetchStarterMessage();
  await opened.send(`about ${starter.content}, ${opened.id === message.id}`);
  await opened.setName('who pays for it');
}

async function card(message) {
  const flags = MessageFlags.IsComponentsV2;
  const container = (content) =>
    new ContainerBuilder().addTextDisplayComponents(text(content)).addSeparatorComponents(new SeparatorBuilder());
  const sent = await message.channel.send({ flags, components: [container('reading')] });
  const shown = await sent.edit({ flags, components: [container('The **town** pays'), text('2 sources')] });
  await message.channel.send(`${shown.components.map((component) => component.constructor.name)}, ${shown.components[1].content}`);
}

async function slash(interaction) {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const { commandName, options, guild, user } = interaction;
  const where = guild === null ? 'a DM' : `#${interaction.channel.name}`;
  const edited = await interaction.editReply(`/${commandName} ${options.getString('text')} by ${user.username} in ${where}`);
  const fetched = await interaction.fetchReply();
  const more = await interaction.followUp(`more on ${edited.id === fetched.id && fetched.content}`);
  const secret = await interaction.followUp({ content: 'a secret', flags: MessageFlags.Ephemeral });
  await interaction.editReply({ message: secret, content: `a secret about ${more.content.length} letters` });
}

async function suggest(interaction) {
  const { name, value } = interaction.options.getFocused(true);
  await interaction.respond([
    { name: `${name}: ${value}`, value },
    { name: 'another', value: 'another' },
  ]);
}

function press(client) {
  written((message) => message.channel.send({ content: 'card', components: [row(button('secret', 'For me'), button('done', 'Done'))] }))(client);
  client.on(Events.InteractionCreate, async (interaction) => {
    if (interaction.customId === 'secret') {
      const { resource } = await interaction.reply({ content: 'only you', flags: MessageFlags.Ephemeral, withResponse: true });
      await interaction.followUp(`${resource.message.content}, ${interaction.member.displayName}: ${interaction.component.label}`);
      return;
    }
    await interaction.deferUpdate();
    await interaction.editReply({ content: `done by ${interaction.user.username}`, components: [] });
  });
}

function select(client) {
  const menu = new StringSelectMenuBuilder()
    .setCustomId('pick')
    .setMaxValues(2)
    .addOptions(['bridge', 'town', 'river'].map((value) => ({ label: value, value })));
  written((message) => message.channel.send({ content: 'pick', components: [row(menu)] }))(client);
  client.on(Events.InteractionCreate, (interaction) => interaction.update({ content: `picked ${interaction.values}` }));
}

function modal(client) {
  const form = new ModalBuilder()
    .setCustomId('form')
    .setTitle('A claim')
    .addLabelComponents(
      new LabelBuilder().setLabel('What is said').setTextInputComponent(new TextInputBuilder().setCustomId('said').setStyle(TextInputStyle.Short)),
      new LabelBuilder()
        .setLabel('Where')
        .setStringSelectMenuComponent(new StringSelectMenuBuilder().setCustomId('where').addOptions({ label: 'Here', value: 'here' })),
    );
  used([claim], async (interaction) => {
    if (!interaction.isModalSubmit()) {
      await interaction.showModal(form);
      return;
    }
    const said = `${interaction.fields.getTextInputValue('said')} ${interaction.fields.getStringSelectValues('where')}`;
    if (interaction.isFromMessage()) {
      await interaction.update({ content: `changed to ${said}` });
      return;
    }
    await interaction.reply({ content: said, components: [row(button('change', 'Change'))] });
  })(client);
}

async function menu(interaction) {
  const { author, content } = interaction.targetMessage;
  const { resource } = await interaction.reply({ content: `${author.username} said ${content}`, withResponse: true });
  await resource.message.reply(`${resource.message.interactionMetadata.user.username} wants to know`);
}

const echo = (message) => message.reply(message.content);

async function refused(message) {
  const { channel } = message;
  const answers = [
    await code(channel.send('x'.repeat(2001))),
    await code(channel.send({ content: 'x', components: [row(button('a', 'A'), button('a', 'B'))] })),
    await code(channel.messages.edit('1', 'x')),
    await code(message.edit('mine')),
    await code(message.client.channels.fetch(env.DISCORD_SECRET, { force: true })),
  ];
  await channel.send(answers.join('\n'));
}

async function often(message) {
  for (let n = 1; n <= 6; n++) {
    await message.channel.send(`${n}`);
  }
}

export const flows = {
  login: () => connect(login),
  packed: () => connectPacked(login),
  streamed: () => connectStreamed(login),
  reply: onMessage(reply),
  direct: onMessage(direct),
  edit: () => connect(edit),
  react: () => connect(react),
  thread: onMessage(thread),
  card: onMessage(card),
  slash: onUse([claim], slash),
  suggest: onUse([claim], suggest),
  press: () => connect(press),
  select: () => connect(select),
  modal: () => connect(modal),
  menu: onUse([check], menu),
  resume: onMessage(echo),
  invalid: onMessage(echo),
  unknown: onMessage(echo),
  limited: onMessage(echo),
  often: onMessage(often),
  refused: onMessage(refused),
};
