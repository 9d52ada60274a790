package mgd

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
	"github.com/ccl-lab/ccl/topology/device/junosemu/store"
)

// storeOperations are the RPCs that the configuration store answers.
var storeOperations = map[string]struct {
	reply func(*Session, *xmltree.Element) (*xmltree.Element, error)
	text  func(reply *xmltree.Element) string
}{
	"get-commit-information":              {(*Session).commits, commitsText},
	"get-commit-revision-information":     {(*Session).revision, revisionText},
	"get-rollback-information":            {(*Session).rollbackInformation, outputText},
	"get-rescue-information":              {(*Session).rescueInformation, outputText},
	"request-save-rescue-configuration":   {(*Session).saveRescue, outputText},
	"request-delete-rescue-configuration": {(*Session).deleteRescue, outputText},
	"clear-system-commit":                 {(*Session).clearCommit, outputText},
	"file-list":                           {(*Session).fileList, fileListText},
	"file-show":                           {(*Session).fileShow, fileContentText},
	"file-delete":                         {(*Session).fileDelete, fileContentText},
	"get-policy-information":              {(*Session).policies, outputText},
	"get-log":                             {(*Session).getLog, fileContentText},
	"get-system-users-information":        {(*Session).users, usersText},
	"request-reboot":                      {(*Session).reboot, rebootText},
	"request-halt":                        {(*Session).halt, rebootText},
	"request-power-off":                   {(*Session).powerOff, rebootText},
}

// Commands are all operational commands: those of the data plane and those of
// the configuration store.
var Commands = append(grammar.Grammar{
	{Words: "show system commit", RPC: "get-commit-information", Help: "Show pending commit requests (if any) and commit history"},
	{Words: "show system commit revision", RPC: "get-commit-revision-information", Help: "Show the current revision of the configuration",
		Args: []grammar.Arg{{Word: "detail", Element: "detail"}}},
	{Words: "clear system commit", RPC: "clear-system-commit", Help: "Clear any pending commit"},
	{Words: "show system rollback", RPC: "get-rollback-information", Help: "Show rolled back configuration",
		Args: []grammar.Arg{{Element: "rollback"}, {Word: "compare", Element: "compare", Value: true}}},
	{Words: "show system configuration rescue", RPC: "get-rescue-information", Help: "Show rescue configuration"},
	{Words: "request system configuration rescue save", RPC: "request-save-rescue-configuration", Help: "Save a rescue configuration"},
	{Words: "request system configuration rescue delete", RPC: "request-delete-rescue-configuration", Help: "Delete the rescue configuration"},
	{Words: "file list", RPC: "file-list", Help: "List file information", Args: []grammar.Arg{{Element: "path"}}},
	{Words: "file show", RPC: "file-show", Help: "Show file contents", Args: []grammar.Arg{{Element: "filename"}}},
	{Words: "file delete", RPC: "file-delete", Help: "Delete file", Args: []grammar.Arg{{Element: "path"}}},
	{Words: "show policy", RPC: "get-policy-information", Help: "Show policy information", Args: []grammar.Arg{{Element: "policy-name"}}},
	{Words: "show log", RPC: "get-log", Help: "Show contents of log file", Args: []grammar.Arg{{Element: "filename"}}},
	{Words: "show system users", RPC: "get-system-users-information", Help: "Show users who are currently logged in"},
	{Words: "request system reboot", RPC: "request-reboot", Help: "Reboot the system", Args: whenDown},
	{Words: "request system halt", RPC: "request-halt", Help: "Halt the system", Args: whenDown},
	{Words: "request system power-off", RPC: "request-power-off", Help: "Power off the system", Args: whenDown},
}, oper.Commands...)

// whenDown are the arguments of what switches the router off.
var whenDown = []grammar.Arg{
	{Word: "at", Element: "at", Value: true, Help: "Time at which to perform the operation: now"},
	{Word: "in", Element: "in", Value: true, Help: "Number of minutes to delay before operation: 0"},
	{Word: "message", Element: "message", Value: true, Help: "Message to display to all users"},
}

// Stamp is a moment as Junos prints it.
func Stamp(t time.Time) string { return t.Format("2006-01-02 15:04:05 MST") }

// Heading is the comment that Junos puts above a configuration in curly braces:
// when and by whom the running one was committed.
func (s *Session) Heading() string {
	history := s.Store().History()
	if len(history) == 0 {
		return ""
	}
	return fmt.Sprintf("## Last commit: %s by %s\n", Stamp(history[0].Time), history[0].User)
}

func dateTime(t time.Time) *xmltree.Element {
	return xmltree.Leaf("date-time", Stamp(t)).Set("junos:seconds", strconv.FormatInt(t.Unix(), 10))
}

// comment is a commit's log, with what Junos adds to a commit that waits for
// its confirmation.
func comment(e store.Entry) string {
	if e.Confirmed == 0 {
		return e.Log
	}
	note := fmt.Sprintf("commit confirmed, rollback in %dmins", int(e.Confirmed/time.Minute))
	if e.Log == "" {
		return note
	}
	return e.Log + "; " + note
}

func (s *Session) commits(*xmltree.Element) (*xmltree.Element, error) {
	reply := xmltree.New("commit-information")
	if due := s.Store().Scheduled(); due != nil {
		reply.Add(xmltree.New("commit-at").
			Leaf("user", due.User).Leaf("client", due.Client).Add(dateTime(due.At)).LeafIf("log", due.Log))
	}
	for _, e := range s.Store().History() {
		reply.Add(xmltree.New("commit-history").
			Leaf("sequence-number", strconv.Itoa(e.Sequence)).
			Leaf("user", e.User).Leaf("client", e.Client).
			Add(dateTime(e.Time)).
			LeafIf("log", comment(e)))
	}
	return reply, nil
}

func commitsText(reply *xmltree.Element) string {
	var b strings.Builder
	for _, c := range reply.All("commit-at") {
		fmt.Fprintf(&b, "commit requested by %s via %s at %s\n", c.Value("user"), c.Value("client"), c.Value("date-time"))
	}
	for _, c := range reply.All("commit-history") {
		fmt.Fprintf(&b, "%-4s%s by %s via %s\n", c.Value("sequence-number"), c.Value("date-time"), c.Value("user"), c.Value("client"))
		if log := c.Value("log"); log != "" {
			fmt.Fprintf(&b, "    %s\n", log)
		}
	}
	return b.String()
}

func (s *Session) revision(*xmltree.Element) (*xmltree.Element, error) {
	history := s.Store().History()
	if len(history) == 0 {
		return nil, &oper.Refusal{Message: "no commit yet"}
	}
	e := history[0]
	return xmltree.New("commit-revision-information").
		Leaf("revision", e.Revision).Leaf("user", e.User).Leaf("client", e.Client).
		Add(dateTime(e.Time)).LeafIf("comment", comment(e)), nil
}

func revisionText(reply *xmltree.Element) string {
	text := "Revision: " + reply.Value("revision") + "\n"
	if reply.Has("date-time") {
		text += fmt.Sprintf("User    : %s\nClient  : %s\nTime    : %s\n", reply.Value("user"), reply.Value("client"), reply.Value("date-time"))
	}
	if c := reply.Value("comment"); c != "" {
		text += "Comment : " + c + "\n"
	}
	return text
}

// rollbackInformation shows an earlier configuration, or what became different
// between two of them.
func (s *Session) rollbackInformation(rpc *xmltree.Element) (*xmltree.Element, error) {
	n, err := strconv.Atoi("0" + rpc.Value("rollback"))
	if err != nil {
		return nil, &oper.Refusal{Message: "invalid rollback number", BadElement: rpc.Value("rollback")}
	}
	tree, _, err := s.Store().Archived(n)
	if err != nil {
		return nil, &oper.Refusal{Message: err.Error()}
	}
	reply := xmltree.New("rollback-information")
	if other := rpc.Value("compare"); other != "" {
		m, err := strconv.Atoi(other)
		if err != nil {
			return nil, &oper.Refusal{Message: "invalid rollback number", BadElement: other}
		}
		with, _, err := s.Store().Archived(m)
		if err != nil {
			return nil, &oper.Refusal{Message: err.Error()}
		}
		return reply.Add(configurationOutput(config.Compare(tree, with))), nil
	}
	text, err := tree.Text()
	if err != nil {
		return nil, err
	}
	return reply.Add(configurationOutput(text)), nil
}

func configurationOutput(text string) *xmltree.Element {
	return xmltree.New("configuration-information").Leaf("configuration-output", text)
}

func (s *Session) rescueInformation(*xmltree.Element) (*xmltree.Element, error) {
	tree, err := s.Store().Rescue()
	if errors.Is(err, store.ErrNoRescue) {
		return nil, &oper.Refusal{Message: "No rescue configuration is set."}
	}
	if err != nil {
		return nil, err
	}
	text, err := tree.Text()
	if err != nil {
		return nil, err
	}
	return xmltree.New("rescue-information").Add(configurationOutput(text)), nil
}

func (s *Session) saveRescue(*xmltree.Element) (*xmltree.Element, error) {
	if err := s.Store().SaveRescue(); err != nil {
		return nil, err
	}
	return xmltree.New("rescue-management-results").Add(xmltree.New("routing-engine").Leaf("name", "re0").Add(xmltree.New("success"))), nil
}

func (s *Session) deleteRescue(*xmltree.Element) (*xmltree.Element, error) {
	if err := s.Store().DeleteRescue(); err != nil {
		return nil, err
	}
	return xmltree.New("rescue-management-results").Add(xmltree.New("routing-engine").Leaf("name", "re0").Add(xmltree.New("success"))), nil
}

// outputText is the configuration inside a reply.
func outputText(reply *xmltree.Element) string {
	if output := reply.Child("configuration-information").Child("configuration-output"); output != nil {
		return output.Text
	}
	return ""
}
