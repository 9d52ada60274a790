package server_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
	"github.com/ccl-lab/ccl/workflows/server"
)

// openForCustomers serves both UIs, with a run that waits in its midst.
func openForCustomers(t *testing.T) *stack {
	t.Helper()
	world := fakes.New()
	reached := world.BlockOnce("run r1 show midway")
	s := newServed(t, t.TempDir(), world, server.Options{UI: "127.0.0.1:0", CustomerUI: "127.0.0.1:0"})
	s.start(t, "pair-1", threeCases)
	<-reached
	return s
}

// ask sends a request and returns the status and the body. The path is sent as
// it is, however odd.
func ask(t *testing.T, method, base, path, body string, header ...string) (int, string) {
	t.Helper()
	at, err := url.Parse(base + path)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, base, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.URL = at
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Sec-Fetch-Site", "same-origin") // as the page's own script
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // follows no redirect
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// A route of Temporal's HTTP API.
type route struct{ method, path, name string }

// routes are all that the API has, read from its own description.
func routes(t *testing.T) []route {
	t.Helper()
	var list []route
	for _, file := range []protoreflect.FileDescriptor{
		workflowservice.File_temporal_api_workflowservice_v1_service_proto,
		operatorservice.File_temporal_api_operatorservice_v1_service_proto,
	} {
		services := file.Services()
		for i := range services.Len() {
			methods := services.Get(i).Methods()
			for j := range methods.Len() {
				rule, ok := proto.GetExtension(methods.Get(j).Options(), annotations.E_Http).(*annotations.HttpRule)
				if ok && rule != nil {
					list = append(list, bindings(rule, string(methods.Get(j).Name()))...)
				}
			}
		}
	}
	if len(list) < 100 {
		t.Fatalf("the API has only %d routes", len(list))
	}
	return list
}

func bindings(rule *annotations.HttpRule, name string) []route {
	var list []route
	for method, path := range map[string]string{
		"GET": rule.GetGet(), "POST": rule.GetPost(), "PUT": rule.GetPut(), "DELETE": rule.GetDelete(), "PATCH": rule.GetPatch(),
	} {
		if path != "" {
			list = append(list, route{method, path, name})
		}
	}
	for _, more := range rule.AdditionalBindings {
		list = append(list, bindings(more, name)...)
	}
	return list
}

var variable = regexp.MustCompile(`\{([^}=]+)[^}]*\}`)

// fill puts our run into the variables of a path.
func fill(path string) string {
	return variable.ReplaceAllStringFunc(path, func(v string) string {
		switch name := strings.Trim(v, "{}"); {
		case strings.HasSuffix(name, "namespace"):
			return "default"
		case strings.HasSuffix(name, "workflow_id"), strings.HasSuffix(name, "execution"):
			return "pair-1"
		}
		return "x"
	})
}

// Every write of the API is refused, whatever the UI shows.
func TestCustomersCannotWrite(t *testing.T) {
	s := openForCustomers(t)
	before := len(s.history(t, "pair-1").Events)
	writes, names := 0, map[string]bool{}
	for _, r := range routes(t) {
		path := fill(r.path)
		if !strings.HasPrefix(path, "/api/v1/") {
			path = "/api/v1" + path
		}
		if r.method == http.MethodGet || r.name == "QueryWorkflow" {
			continue
		}
		writes++
		names[r.name] = true
		if code, body := ask(t, r.method, s.server.CustomerUI, path, "{}"); code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %s %s answers %d: %s", r.name, r.method, path, code, body)
		}
	}
	t.Logf("%d routes that write, %d methods", writes, len(names))
	for _, name := range []string{
		"TerminateWorkflowExecution", "RequestCancelWorkflowExecution", "SignalWorkflowExecution", "UpdateWorkflowExecution",
		"ResetWorkflowExecution", "StartWorkflowExecution", "StartBatchOperation", "StopBatchOperation", "CreateSchedule", "UpdateSchedule",
		"PatchSchedule", "DeleteSchedule", "UpdateNamespace", "PauseActivity", "ResetActivity", "RespondActivityTaskCompleted",
	} {
		if !names[name] {
			t.Errorf("the API has no HTTP route for %s", name)
		}
	}
	if after := len(s.history(t, "pair-1").Events); after != before {
		t.Errorf("the run had %d events before and has %d now", before, after)
	}
}

// The ways around a gate: names with slashes, dots, another method's name, and
// namespaces that are not the customer's.
func TestCustomersFindNoWayAround(t *testing.T) {
	s := openForCustomers(t)
	const run = "/api/v1/namespaces/default/workflows/pair-1"
	before := len(s.history(t, "pair-1").Events)
	for _, c := range []struct {
		method, path string
		header       []string
		want         int
	}{
		{"POST", run + "/signal/a%2Fquery%2Fb", nil, 405}, // the UI server alone lets it through
		{"POST", run + "/signal/query%2F", nil, 405},
		{"POST", run + "/query/../terminate", nil, 405},
		{"POST", run + "/query/x/../../terminate", nil, 405},
		{"POST", run + "/query/", nil, 405},
		{"POST", run + "/query/..", nil, 405},
		{"POST", run + "//query/x", nil, 405},
		{"POST", run + "/terminate?/query/x", nil, 405},
		{"POST", run + "/terminate", []string{"X-HTTP-Method-Override", "GET"}, 405},
		{"DELETE", run, nil, 405},
		{"PROPFIND", run, nil, 405},
		{"POST", "/api/v1/namespaces/temporal-system/workflows/pair-1/query/progress", nil, 403},
		{"GET", "/api/v1/namespaces/temporal-system/workflows", nil, 403},
		{"GET", "/api/v1/namespaces/%74emporal-system/workflows", nil, 403},
		{"GET", "/api/v1/namespaces/default%2F..%2Ftemporal-system/workflows", nil, 403},
	} {
		if code, body := ask(t, c.method, s.server.CustomerUI, c.path, "{}", c.header...); code != c.want {
			t.Errorf("%s %s answers %d, want %d: %s", c.method, c.path, code, c.want, body)
		}
	}
	if after := len(s.history(t, "pair-1").Events); after != before {
		t.Errorf("the run had %d events before and has %d now", before, after)
	}
	// What is refused here works at the engineers' own UI, so that this test
	// can fail.
	if code, body := ask(t, "POST", s.server.UI, run+"/terminate", "{}"); code != http.StatusOK {
		t.Fatalf("terminate at the first UI answers %d: %s", code, body)
	}
	d, err := s.client.DescribeWorkflowExecution(t.Context(), "pair-1", "")
	if err != nil || d.WorkflowExecutionInfo.Status != enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED {
		t.Errorf("status %v, %v", d.GetWorkflowExecutionInfo().GetStatus(), err)
	}
}

// Customers read all there is to read, queries included.
func TestCustomersCanRead(t *testing.T) {
	s := openForCustomers(t)
	const runs = "/api/v1/namespaces/default/workflows"
	for path, want := range map[string]string{
		runs + "?query=" + url.QueryEscape(workflows.CustomerViews()[0].Query): `"pair-1"`,
		runs + "/pair-1":                        "PlanRun",
		runs + "/pair-1%2FCMD-001":              "TestCase",
		runs + "/pair-1/history":                "WorkflowExecutionStarted",
		"/api/v1/namespaces":                    `"default"`,
		"/api/v1/namespaces/default":            `"default"`,
		"/api/v1/namespaces/default/schedules":  "{",
		"/api/v1/settings":                      `"DisableWriteActions":true`,
		"/api/v1/cluster-info":                  "clusterId",
		"/namespaces/default/workflows":         "<html",
		"/start":                                "<script>",
		"/namespaces/default/workflows/pair-1/": "<html",
	} {
		if code, body := ask(t, "GET", s.server.CustomerUI, path, ""); code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("GET %s answers %d without %q: %.300s", path, code, want, body)
		}
	}
	query := `{"query": {"queryType": "progress"}}`
	if code, body := ask(t, "POST", s.server.CustomerUI, runs+"/pair-1/query/progress", query); code != http.StatusOK || !strings.Contains(body, "queryResult") {
		t.Errorf("the query answers %d: %.300s", code, body)
	}
	if code, _ := ask(t, "GET", s.server.CustomerUI, "/", ""); code != http.StatusFound {
		t.Errorf("GET / answers %d", code)
	}
	if code, body := ask(t, "GET", s.server.UI, "/api/v1/settings", ""); code != http.StatusOK || !strings.Contains(body, `"DisableWriteActions":false`) {
		t.Errorf("the first UI is read-only too: %d %s", code, body)
	}
}

func TestCustomerUIStopsAndItsPortMustBeFree(t *testing.T) {
	db := filepath.Join(t.TempDir(), "ccl.db")
	s := start(t, server.Options{DBFile: db, NoUI: true, CustomerUI: "127.0.0.1:0"})
	address := strings.TrimPrefix(s.CustomerUI, "http://")
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	taken, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatalf("still in use after Stop: %v", err)
	}
	defer taken.Close()
	if s, err := server.Start(t.Context(), server.Options{DBFile: db, NoUI: true, CustomerUI: address}); err == nil {
		s.Stop()
		t.Error("started on a port that is taken")
	} else if !strings.Contains(err.Error(), address) {
		t.Errorf("error %q does not name the address", err)
	}
}
