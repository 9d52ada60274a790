package netns

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology/clabfile"
)

// deployerEnv turns the test binary into a process that deploys the topology
// file it names, to be killed on the way.
const deployerEnv = "NETNS_TEST_DEPLOY"

func TestMain(m *testing.M) {
	RunIfNode()
	if file := os.Getenv(deployerEnv); file != "" {
		exit(deployAndWait(file))
	}
	if command := os.Getenv(userEnv); command != "" {
		exit(asUser(command))
	}
	// Tests of an ordinary user run in a user namespace, if they may.
	if err := EnterUserNamespace(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(m.Run())
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// deployAndWait deploys to $CCL_STATE_DIR, says so, and waits for its end.
func deployAndWait(file string) error {
	topo, err := clabfile.Load(file)
	if err != nil {
		return err
	}
	b, err := New(Options{})
	if err != nil {
		return err
	}
	if _, err := b.Deploy(context.Background(), topo); err != nil {
		return err
	}
	fmt.Println("deployed")
	time.Sleep(time.Hour) // until killed; select {} is a deadlock to a program without cgo
	return nil
}
