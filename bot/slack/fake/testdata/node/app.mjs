// The apps that the flows are made with: one for Socket Mode, one for requests over HTTP, one that is installed by OAuth.
import bolt from '@slack/bolt';

const { App, LogLevel } = bolt;

export const env = process.env;

// Where the Web API is, and that nothing is logged but errors.
export const clientOptions = { slackApiUrl: env.SLACK_API_URL, logLevel: LogLevel.ERROR };

// Bolt waits for as long as a pong may take before it connects anew. Its own five seconds are long for a test.
const clientPingTimeout = 900;

const endpoint = '/slack/events';

// fail ends the script: an error in a handler is one of the flow's.
async function fail(error) {
  console.error(error);
  process.exit(1);
}

// start connects an app and returns what stops it.
async function start(app, ...where) {
  app.error(fail);
  await app.start(...where);
  return () => app.stop();
}

// overSocket starts an app that connects by Socket Mode.
export function overSocket(register) {
  const receiver = new bolt.SocketModeReceiver({
    appToken: env.SLACK_APP_TOKEN,
    installerOptions: { clientOptions },
    logLevel: LogLevel.ERROR,
    clientPingTimeout,
  });
  const app = new App({ token: env.SLACK_BOT_TOKEN, receiver, clientOptions, logLevel: LogLevel.ERROR });
  register(app);
  return start(app);
}

// The test listens already and hands on its socket, so that nothing is lost before the app is up.
const inherited = { fd: 3 };

// overHTTP starts an app that takes signed requests.
export function overHTTP(register) {
  const app = new App({
    token: env.SLACK_BOT_TOKEN,
    signingSecret: env.SLACK_SIGNING_SECRET,
    endpoints: endpoint,
    clientOptions,
    // A request that is refused is no fault of the app, so it is not logged.
    logLevel: LogLevel.ERROR,
  });
  register(app);
  return start(app, inherited);
}

// AgedStore keeps one installation and makes its token seem to end at once, so that the next event has it refreshed.
class AgedStore {
  #installation;

  async storeInstallation(installation) {
    if (this.#installation === undefined) {
      installation.bot.expiresAt = Math.floor(Date.now() / 1000);
    }
    this.#installation = installation;
  }

  async fetchInstallation() {
    return this.#installation;
  }
}

// byOAuth starts an app that takes signed requests and has no token until it is installed.
export function byOAuth(register) {
  const app = new App({
    signingSecret: env.SLACK_SIGNING_SECRET,
    clientId: env.SLACK_CLIENT_ID,
    clientSecret: env.SLACK_CLIENT_SECRET,
    stateSecret: 'a-secret-of-the-app',
    scopes: ['app_mentions:read', 'chat:write'],
    redirectUri: `${env.APP_URL}/slack/oauth_redirect`,
    installationStore: new AgedStore(),
    installerOptions: {
      authorizationUrl: `${env.SLACK_URL}/oauth/v2/authorize`,
      redirectUriPath: '/slack/oauth_redirect',
      directInstall: true,
      clientOptions,
    },
    endpoints: endpoint,
    clientOptions,
    logLevel: LogLevel.ERROR,
  });
  register(app);
  return start(app, inherited);
}
