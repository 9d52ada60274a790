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
	wire.RunAsPart() // nodes of labs and the traffic generator are this same program
	app := cli.App{Stdout: os.Stdout, Stderr: os.Stderr, StartServer: startServer}
	os.Exit(app.Run(os.Args[1:]))
}

func startServer(ctx context.Context, o wire.EmbeddedOptions) (*wire.Embedded, error) {
	s, err := server.Start(ctx, server.Options{
		DBFile:     o.DBFile,
		Namespace:  o.Namespace,
		UI:         o.UIAddress,
		CustomerUI: o.CustomerUIAddress,
		Log:        o.Log,
	})
	if err != nil {
		return nil, err
	}
	return &wire.Embedded{Frontend: s.Frontend, UI: s.UI, CustomerUI: s.CustomerUI, Failed: s.Failed(), Stop: s.Stop}, nil
}
