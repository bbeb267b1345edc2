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
	Config `embed:""`

	ConfigFile string `name:"config" placeholder:"FILE" env:"CROSSCHECK_CONFIG" help:"YAML file with the keys below; the environment and flags override it."`

	Ask     askCommand     `cmd:"" help:"Answer a question, every sentence cited."`
	Claim   claimCommand   `cmd:"" help:"Look one statement up: which sources support it, dispute it or only mention it."`
	Digest  digestCommand  `cmd:"" help:"Tell what the articles of a period are about, story by story."`
	Search  searchCommand  `cmd:"" help:"List the passages that bear on a question."`
	Read    readCommand    `cmd:"" help:"Print a stored article as citations refer to it."`
	Ingest  ingestCommand  `cmd:"" help:"Take articles in from files and folders."`
	Reindex reindexCommand `cmd:"" help:"Make everything that is derived from the articles again."`
	Serve   serveCommand   `cmd:"" help:"Run the bot with its console, health checks and metrics."`
	Eval    evalCommand    `cmd:"" help:"Measure quality and speed."`
	Help    helpCommand    `cmd:"" help:"Explain the configuration."`
}

// run runs the command and returns its exit status.
func run(ctx context.Context, args []string, std streams) int {
	var cli commands
	status := -1
	parser, err := kong.New(&cli,
		kong.Name("crosscheck"),
		kong.Description("Answers questions from a corpus of articles. Every sentence cites a passage that says so, and where the sources disagree it shows who says what."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Writers(std.out, std.err),
		kong.Exit(func(code int) { status = code }),
		kong.Vars{"data": defaultData},
	)
	if err != nil {
		return complain(std, err, exitUsage)
	}
	resolver, err := yamlResolver(configFile(args))
	if err != nil {
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
	case errors.As(err, &refused):
		return complain(std, err, exitRefused)
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return complain(std, errors.New("stopped; what was acknowledged is kept"), exitFailed)
	}
	return complain(std, err, exitFailed)
}

func complain(std streams, err error, status int) int {
	fmt.Fprintf(std.err, "crosscheck: %v\n", err)
	return status
}

// program is the name under which the command is told to be run again, in hints.
func program() string { return filepath.Base(os.Args[0]) }
