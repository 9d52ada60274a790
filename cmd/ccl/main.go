// Command ccl certifies network changes in a lab before they touch production.
package main

import (
	"context"
	"os"

	"github.com/ccl-lab/ccl/cmd/internal/cli"
	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/workflows/server"
)

func main() {
	wire.RunIfNode() // a node of a lab is this same program, started by the netns backend
	app := cli.App{Stdout: os.Stdout, Stderr: os.Stderr, StartServer: startServer}
	os.Exit(app.Run(os.Args[1:]))
}

func startServer(ctx context.Context, o wire.EmbeddedOptions) (*wire.Embedded, error) {
	s, err := server.Start(ctx, server.Options{
		DBFile:    o.DBFile,
		Namespace: o.Namespace,
		UI:        o.UIAddress,
		Log:       o.Log,
	})
	if err != nil {
		return nil, err
	}
	return &wire.Embedded{Frontend: s.Frontend, UI: s.UI, Failed: s.Failed(), Stop: s.Stop}, nil
}
