package mgd

import (
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// Home is a user's home directory.
func Home(user string) string { return "/var/home/" + user }

// fileList answers file-list. The emulator keeps no files for its users: their
// homes are empty, and there is nothing else.
func (s *Session) fileList(rpc *xmltree.Element) (*xmltree.Element, error) {
	home := Home(s.User)
	switch path := strings.TrimSuffix(rpc.Value("path"), "/"); path {
	case "", "~", home:
		return xmltree.New("directory-list").Set("root-path", home).Set("junos:style", "brief").
			Add(xmltree.New("directory").Set("name", home).Leaf("total-files", "0")), nil
	default:
		return nil, &oper.Refusal{Message: path + ": No such file or directory"}
	}
}

func fileListText(reply *xmltree.Element) string {
	var b strings.Builder
	for _, d := range reply.All("directory") {
		fmt.Fprintf(&b, "%s:\ntotal files: %s\n", d.Attr("name"), d.Value("total-files"))
	}
	return b.String()
}
