// Command crosscheck answers questions from a corpus of articles, cites every sentence, and shows who says what where the
// sources disagree.
//
// This package only assembles: it reads flags and configuration, wires the library, the models and the adapters together,
// and turns errors into messages and exit statuses.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"
)

// The exit statuses of the command.
const (
	exitOK      = 0
	exitFailed  = 1 // an error, told on standard error
	exitUsage   = 2 // flags, arguments or configuration that cannot be worked with
	exitRefused = 3 // ingest: some of the input was refused, the rest is in
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are the command's input and outputs.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// commands is the command line. Its flags, and the keys of the configuration, are the fields of Config.
type commands struct {
	Config `embed:"" group:"Settings, see crosscheck help config:"`

	ConfigFile string `name:"config" placeholder:"FILE" env:"CROSSCHECK_CONFIG" help:"YAML file with the keys below; the environment and flags override it."`

	Ask      askCommand      `cmd:"" help:"Answer a question, every sentence cited."`
	Claim    claimCommand    `cmd:"" help:"Look one statement up: which sources support it, dispute it or only mention it."`
	Digest   digestCommand   `cmd:"" help:"Tell what the articles of a period are about, story by story."`
	Search   searchCommand   `cmd:"" help:"List the passages that bear on a question."`
	Read     readCommand     `cmd:"" help:"Print a stored article as citations refer to it."`
	Remove   removeCommand   `cmd:"" help:"Remove articles, for a retraction or a takedown."`
	Ingest   ingestCommand   `cmd:"" help:"Take articles in from files and folders."`
	Reindex  reindexCommand  `cmd:"" help:"Make everything that is derived from the articles again."`
	Serve    serveCommand    `cmd:"" help:"Run the bot with its console, health checks and metrics."`
	Doctor   doctorCommand   `cmd:"" help:"Check that a chat service or a language model is set up."`
	Manifest manifestCommand `cmd:"" help:"Print what a chat service makes the app from."`
	Dev      devCommand      `cmd:"" help:"Try the bot in chat without an account."`
	Feedback feedbackCommand `cmd:"" help:"Print what readers in chat thought of the replies."`
	Sources  sourcesCommand  `cmd:"" help:"Say what articles there are."`
	Eval     evalCommand     `cmd:"" help:"Measure quality and speed."`
	Help     helpCommand     `cmd:"" help:"Explain the commands, or with the word config the settings."`

	Version kong.VersionFlag `help:"Print the version."`
}

// run runs the command and returns its exit status.
func run(ctx context.Context, args []string, std streams) int {
	ignoreEmptyVariables()
	var cli commands
	status := -1
	parser, err := kong.New(&cli,
		kong.Name("crosscheck"),
		kong.Description("Answers questions from a corpus of articles. Every sentence cites a passage that says so, and where the sources disagree it shows who says what."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Writers(std.out, std.err),
		kong.Exit(func(code int) { status = code }),
		kong.Vars{"data": defaultData, "version": version()},
	)
	if err != nil {
		return complain(std, err, exitUsage)
	}
	resolver, err := yamlResolver(configFile(args))
	if err != nil && !asksForHelp(args) {
		return complain(std, err, exitUsage)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := kongParse(parser, resolver, args)
	switch {
	case status >= 0: // help was printed
		return status
	case err != nil:
		return complain(std, fmt.Errorf("%w; see crosscheck --help", err), exitUsage)
	}
	env := &environment{Config: cli.Config, streams: std}
	err = parsed.Run(env, &ctx)
	var refused *refusedError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errTold):
		return exitUsage
	case errors.Is(err, errUsage):
		return complain(std, err, exitUsage)
	case errors.As(err, &refused):
		return complain(std, err, exitRefused)
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return complain(std, errors.New("stopped; what was acknowledged is kept"), exitFailed)
	}
	return complain(std, err, exitFailed)
}

// ignoreEmptyVariables takes variables that are set to nothing for not set, as compose files and unit files leave them.
func ignoreEmptyVariables() {
	for _, k := range configKeys() {
		if os.Getenv(k.variable) == "" {
			_ = os.Unsetenv(k.variable) // fails for no name that is a key's
		}
	}
}

// asksForHelp reports whether help is asked for, which a broken configuration must not keep from being shown.
func asksForHelp(args []string) bool {
	return len(args) == 0 || args[0] == "help" || slices.ContainsFunc(args, func(a string) bool { return a == "--help" || a == "-h" || a == "--version" })
}

// errUsage is what an error of wrong use is; errTold is one of which the user has been told.
var (
	errUsage = errors.New("wrong use")
	errTold  = errors.New("wrong use, as told")
)

// usage makes a message an error of wrong use.
func usage(format string, args ...any) error { return usageError(fmt.Sprintf(format, args...)) }

type usageError string

func (e usageError) Error() string        { return string(e) }
func (e usageError) Is(target error) bool { return target == errUsage }

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return "crosscheck " + info.Main.Version + " " + info.GoVersion
	}
	return "crosscheck"
}

func complain(std streams, err error, status int) int {
	fmt.Fprintf(std.err, "crosscheck: %v\n", err)
	return status
}

// program is the name under which the command is told to be run again, in hints.
func program() string { return filepath.Base(os.Args[0]) }
