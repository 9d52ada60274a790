package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/testplans/explain"
)

// explainCommand describes the keys of one kind of file, by its JSON Schema.
func (a *App) explainCommand(files string, schema func() []byte, example string) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [KEY]",
		Short: "Say what " + files + " may say: a key, its values, its rules",
		Long: fmt.Sprintf(`Explain describes a key of %s: what it is for, which values it takes, and which
keys stand below it. A key is named by its path, with dots, or by the end of one.`, files),
		Example: example,
		Args:    between(0, 1, "one KEY or none"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			guide, err := explain.New(schema())
			if err != nil || len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return guide.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			guide, err := explain.New(schema())
			if err != nil {
				return err
			}
			var key string
			if len(args) > 0 {
				key = args[0]
			}
			topic, err := guide.Explain(key)
			if err != nil {
				return usageError("%w", err)
			}
			if a.json {
				return a.printJSON(topic)
			}
			return explain.Text(a.Stdout, topic)
		},
	}
}
