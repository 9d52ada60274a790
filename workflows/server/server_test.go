package server_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/workflows/server"
)

// TestMain runs the doomed server when the test starts itself again. Tests that
// spend their time waiting, each for a server of its own, are parallel.
func TestMain(m *testing.M) {
	if db := os.Getenv("CCL_TEST_SERVE"); db != "" {
		serveUntilKilled(db)
		return
	}
	if dir := os.Getenv("CCL_TEST_ENGAGEMENT"); dir != "" {
		actUntilKilled(dir)
	}
	if dir := os.Getenv("CCL_TEST_RUN"); dir != "" {
		runUntilKilled(dir, os.Getenv("CCL_TEST_PLAN"))
		return
	}
	os.Exit(m.Run())
}

// gate is a workflow that waits for a signal and then says what it was told.
func gate(ctx workflow.Context, greeting string) (string, error) {
	var name string
	workflow.GetSignalChannel(ctx, "name").Receive(ctx, &name)
	return greeting + " " + name, nil
}

func startWorker(c client.Client) (worker.Worker, error) {
	w := worker.New(c, "test", worker.Options{})
	w.RegisterWorkflow(gate)
	return w, w.Start()
}

// serveUntilKilled starts a server and a workflow, says so, and waits for death.
func serveUntilKilled(db string) {
	s, err := server.Start(context.Background(), server.Options{DBFile: db, NoUI: true})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	c, err := client.Dial(client.Options{HostPort: s.Frontend})
	if err == nil {
		_, err = startWorker(c)
	}
	if err == nil {
		_, err = c.ExecuteWorkflow(context.Background(),
			client.StartWorkflowOptions{ID: "survivor", TaskQueue: "test"}, gate, "hello")
	}
	runtime.GC() // the lock must not go with what nobody refers to any more
	fmt.Println("ready", err)
	time.Sleep(time.Hour) // until killed; select {} is a deadlock to a program without cgo
}

func start(t *testing.T, o server.Options) *server.Server {
	t.Helper()
	s, err := server.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func dial(t *testing.T, s *server.Server) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: s.Frontend, Namespace: s.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRunsWorkflowsAndStopsClean(t *testing.T) {
	began := time.Now()
	const own = "127.0.0.1:0" // the preferred ports are wanted by other servers of this machine
	s := start(t, server.Options{DBFile: filepath.Join(t.TempDir(), "ccl.db"), Namespace: "lab", Frontend: own, UI: own})
	c := dial(t, s)
	w, err := startWorker(c)
	if err != nil {
		t.Fatal(err)
	}
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "first", TaskQueue: "test"}, gate, "hello")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SignalWorkflow(t.Context(), "first", "", "name", "ring"); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := run.Get(t.Context(), &got); err != nil || got != "hello ring" {
		t.Fatalf("workflow said %q, %v", got, err)
	}
	t.Logf("start to first workflow finished: %v", time.Since(began))

	resp, err := http.Get(s.UI + "/namespaces/lab/workflows")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the Web UI answers %s", resp.Status)
	}
	http.DefaultClient.CloseIdleConnections()

	w.Stop()
	c.Close()
	began = time.Now()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	t.Logf("stop: %v", time.Since(began))
	for _, address := range []string{s.Frontend, strings.TrimPrefix(s.UI, "http://")} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Errorf("still in use after Stop: %v", err)
			continue
		}
		l.Close()
	}
	awaitNoneOfOurs(t)
}

// awaitNoneOfOurs waits until no goroutine runs, or was created by, this
// package. Those of the module's own system workers and gRPC clients outlive
// its Stop and cannot be reached from outside.
func awaitNoneOfOurs(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		buf := make([]byte, 4<<20)
		var ours []string
		for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(stack, "ccl/workflows/server.") || strings.Contains(stack, "ui-server") {
				ours = append(ours, stack)
			}
		}
		if len(ours) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still running after Stop:\n%s", strings.Join(ours, "\n\n"))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestResumesAfterSIGKILL(t *testing.T) {
	db := filepath.Join(t.TempDir(), "ccl.db")
	self := exec.Command(os.Args[0])
	self.Env = append(os.Environ(), "CCL_TEST_SERVE="+db)
	out, err := self.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "ready") {
		t.Log(lines.Text()) // the worker's own log
	}
	if lines.Text() != "ready <nil>" {
		t.Fatalf("the server to be killed said %q, %v", lines.Text(), lines.Err())
	}

	_, err = server.Start(t.Context(), server.Options{DBFile: db})
	var locked *server.LockedError
	if !errors.As(err, &locked) || locked.Owner != fmt.Sprint(self.Process.Pid) {
		t.Fatalf("a second server on the file: got error %v, want it to name process %d", err, self.Process.Pid)
	}

	self.Process.Kill()
	self.Wait()
	began := time.Now()
	s := start(t, server.Options{DBFile: db, NoUI: true})
	defer s.Stop()
	c := dial(t, s)
	defer c.Close()
	w, err := startWorker(c)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	if err := c.SignalWorkflow(t.Context(), "survivor", "", "name", "again"); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := c.GetWorkflow(t.Context(), "survivor", "").Get(t.Context(), &got); err != nil || got != "hello again" {
		t.Fatalf("the workflow from before the kill said %q, %v", got, err)
	}
	t.Logf("restart to finished workflow: %v", time.Since(began))
}

func TestPorts(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, o := range map[string]server.Options{
		"frontend": {Frontend: taken.Addr().String()},
		"UI":       {UI: taken.Addr().String()},
	} {
		o.DBFile = filepath.Join(t.TempDir(), "ccl.db")
		s, err := server.Start(t.Context(), o)
		if err == nil {
			s.Stop()
			t.Errorf("%s: started on a port that was asked for and is taken", name)
		} else if !strings.Contains(err.Error(), taken.Addr().String()) {
			t.Errorf("%s: error %q does not name the address", name, err)
		}
	}
}

func TestTwoServersAtOnce(t *testing.T) {
	dir := t.TempDir()
	a := start(t, server.Options{DBFile: filepath.Join(dir, "a.db")})
	defer a.Stop()
	b := start(t, server.Options{DBFile: filepath.Join(dir, "b.db")})
	defer b.Stop()
	if a.Frontend == b.Frontend || a.UI == b.UI {
		t.Errorf("both at %s and %s", a.Frontend, a.UI)
	}
}

func TestRefusesForeignFiles(t *testing.T) {
	for name, statement := range map[string]string{
		"was written by a newer ccl": "PRAGMA user_version = 999",
		"is not a database of ccl's": "CREATE TABLE recipes (cake TEXT)",
	} {
		file := filepath.Join(t.TempDir(), "x.db")
		db, err := sql.Open("sqlite", file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
		db.Close()
		s, err := server.Start(t.Context(), server.Options{DBFile: file, NoUI: true})
		if err == nil {
			s.Stop()
		}
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one that says %q", err, name)
		}
	}
}
