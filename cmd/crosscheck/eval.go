package main

import (
	"context"
	"errors"
)

type evalCommand struct {
	Answers evalAnswersCommand `cmd:"" help:"Ask and look up the questions and claims of a gold file and count what came out."`
	Speed   evalSpeedCommand   `cmd:"" help:"Ingest copies of the sample corpus and time questions."`
}

type evalAnswersCommand struct{}

func (c *evalAnswersCommand) Run(env *environment, ctx *context.Context) error {
	return errors.New("x")
}

type evalSpeedCommand struct{}

func (c *evalSpeedCommand) Run(env *environment, ctx *context.Context) error { return errors.New("x") }
