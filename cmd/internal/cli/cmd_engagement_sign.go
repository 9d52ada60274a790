package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/scope"
)

func (a *App) engagementSignCommand() *cobra.Command {
	var (
		s    signer
		hash string
	)
	c := &cobra.Command{
		Use:   "sign ENGAGEMENT",
		Short: "Sign the scope or the amendment that waits for it, as a contact",
		Long: `Sign signs the hash of the proposed scope with your token. The token stays here;
what is sent is a signature, which the engagement verifies and keeps. Give
--hash, from the page that you have read, to sign that and nothing else.`,
		Example: `  ccl engagement sign acme-ring --hash 3f2a90bc41d7 --token-file ann.token`,
		Args:    exactly("an ENGAGEMENT"),

		ValidArgsFunction: a.completer(nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			whole, err := a.proposedHash(cmd.Context(), args[0], hash)
			if err != nil {
				return err
			}
			return s.send(cmd.Context(), a, args[0], workflows.SignUpdate, workflows.SignedRequest{Hash: whole})
		},
	}
	s.flags(c, "")
	c.Flags().StringVar(&hash, "hash", "", "the proposal's hash, or its beginning (default what waits now)")
	return c
}

// proposedHash is the hash of what waits for a signature. If begin is none of
// its beginnings it is returned as it is, to be refused.
func (a *App) proposedHash(ctx context.Context, engagement, begin string) (hash string, err error) {
	err = a.withCluster(ctx, func(c *wire.Cluster) error {
		status, err := workflows.GetEngagement(ctx, c.Client, engagement)
		if err != nil {
			return err
		}
		hash = begin
		if p := status.State.Proposal; p != nil && strings.HasPrefix(p.Hash, begin) {
			hash = p.Hash
		}
		return nil
	})
	return hash, err
}

func (a *App) engagementDecideCommand(update, use, short string) *cobra.Command {
	var s signer
	wanted := wantsEngagement(0, "an ENGAGEMENT")
	if update == workflows.WaiveUpdate {
		wanted = wantsEngagement(1, "an ENGAGEMENT and a CASE")
	}
	c := &cobra.Command{
		Use:     use,
		Short:   short,
		Example: fmt.Sprintf("  ccl engagement %s acme-ring CONV-003 --reason 'known, PR 1234567' --token-file ann.token", update),
		Args:    wanted,

		ValidArgsFunction: a.completer(openCases),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.send(cmd.Context(), a, args[0], update, workflows.SignedRequest{Cases: args[1:], Reason: s.reason})
		},
	}
	s.flags(c, "why")
	return c
}

func (a *App) engagementCancelCommand() *cobra.Command {
	var s signer
	c := &cobra.Command{
		Use:   "cancel ENGAGEMENT",
		Short: "End an engagement early, as a contact or the service manager",
		Long: `Cancel ends an engagement from whatever phase it is in. What is running is
stopped, its lab taken down, and the report written. The credits stay debited.`,
		Example:           `  ccl engagement cancel acme-ring --reason "the project was stopped" --token-file ann.token`,
		Args:              exactly("an ENGAGEMENT"),
		ValidArgsFunction: a.completer(nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.send(cmd.Context(), a, args[0], workflows.CancelUpdate, workflows.SignedRequest{Reason: s.reason})
		},
	}
	s.flags(c, "why")
	return c
}

func (a *App) engagementReissueCommand() *cobra.Command {
	var (
		s    signer
		file string
	)
	c := &cobra.Command{
		Use:   "reissue ENGAGEMENT EMAIL",
		Short: "Replace a person's token, as the service manager",
		Long:  "Reissue makes a new token for a person. The former one is worth nothing from then on.",

		Example:           "  ccl engagement reissue acme-ring ann@acme.example --token-file sam.token",
		Args:              exactly("an ENGAGEMENT", "an EMAIL"),
		ValidArgsFunction: a.completer(holders),
		RunE: func(cmd *cobra.Command, args []string) error {
			token, key, err := scope.NewToken()
			if err != nil {
				return err
			}
			if file == "" {
				file = tokenFile(filepath.Join(a.config.Out, args[0], "tokens"), args[1])
			}
			next := file + ".new" // the former token is good until the new one is known
			if err := writeToken(next, token); err != nil {
				return err
			}
			err = s.send(cmd.Context(), a, args[0], workflows.ReissueUpdate, workflows.SignedRequest{
				Holder: &workflows.KeyHolder{Person: testplans.Person{Email: args[1]}, Key: key},
			})
			if err != nil {
				return errors.Join(err, os.Remove(next))
			}
			a.say("new token: %s", here(file))
			return os.Rename(next, file)
		},
	}
	s.flags(c, "")
	c.Flags().StringVar(&file, "new-token", "", "`file` for the new token (default among the engagement's tokens)")
	return c
}

// tokenFile is where a person's token lies.
func tokenFile(dir, email string) string {
	return filepath.Join(dir, strings.ToLower(strings.NewReplacer("/", "_", "\\", "_").Replace(email))+".token")
}

// writeToken keeps a token where only its owner can read it.
func writeToken(file, token string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(token+"\n"), 0o600)
}
