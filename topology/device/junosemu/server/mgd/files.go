package mgd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// Home is a user's home directory.
func Home(user string) string { return "/var/home/" + user }

// maxFile is how much a user can keep in a file.
const maxFile = 16 << 20

// A Disk keeps what users save: their home directories and /var/tmp, in a
// directory of the host that they cannot leave.
type Disk struct{ dir string }

// at opens the directory, and turns a path as the user writes it into one
// within: relative to the home, "~/x", /var/home/USER/x, /var/tmp/x, /tmp/x.
func (d Disk) at(user, name string) (*os.Root, string, error) {
	home := Home(user)
	full := name
	switch {
	case name == "~":
		full = home
	case strings.HasPrefix(name, "~/"):
		full = path.Join(home, name[2:])
	case strings.HasPrefix(name, "/tmp/"), name == "/tmp":
		full = "/var" + name
	case !strings.HasPrefix(name, "/"):
		full = path.Join(home, name)
	}
	full = path.Clean(full)
	if name == "" || full != home && !strings.HasPrefix(full, home+"/") && full != "/var/tmp" && !strings.HasPrefix(full, "/var/tmp/") {
		return nil, "", noFile(name)
	}
	for _, there := range []string{home, "/var/tmp"} {
		if err := os.MkdirAll(filepath.Join(d.dir, there), 0o700); err != nil {
			return nil, "", err
		}
	}
	root, err := os.OpenRoot(d.dir)
	return root, full[1:], err
}

func noFile(name string) error { return &oper.Refusal{Message: name + ": No such file or directory"} }

// WriteFile saves text in a file of the user's, or appends it. The error is an
// *oper.Refusal where the user may not write.
func (s *Session) WriteFile(name, text string, appended bool) error {
	root, within, err := s.daemon.disk.at(s.User, name)
	if err != nil {
		return err
	}
	defer root.Close()
	flags := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if appended {
		flags = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}
	f, err := root.OpenFile(within, flags, 0o600)
	if err != nil {
		return noFile(name)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size()+int64(len(text)) > maxFile {
		return &oper.Refusal{Message: fmt.Sprintf("%s: File too large: %d bytes at most", name, maxFile)}
	}
	_, err = f.WriteString(text)
	return err
}

// ReadFile reads a file of the user's.
func (s *Session) ReadFile(name string) (string, error) {
	root, within, err := s.daemon.disk.at(s.User, name)
	if err != nil {
		return "", err
	}
	defer root.Close()
	text, err := root.ReadFile(within)
	if err != nil {
		return "", noFile(name)
	}
	return string(text), nil
}

// fileShow answers file-show.
func (s *Session) fileShow(rpc *xmltree.Element) (*xmltree.Element, error) {
	name := rpc.Value("filename")
	switch name {
	case logFile:
		return fileContent(name, s.daemon.journal.text()), nil
	case "/etc/hosts.junos":
		return fileContent(name, oper.HostsFile), nil
	}
	text, err := s.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return fileContent(name, text), nil
}

func fileContent(name, text string) *xmltree.Element {
	return xmltree.Leaf("file-content", text).Set("filename", name).Set("size", strconv.Itoa(len(text))).Set("encoding", "text")
}

func fileContentText(reply *xmltree.Element) string { return reply.Text }

// fileDelete performs file-delete.
func (s *Session) fileDelete(rpc *xmltree.Element) (*xmltree.Element, error) {
	root, within, err := s.daemon.disk.at(s.User, rpc.Value("path"))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if err := root.Remove(within); err != nil {
		return nil, noFile(rpc.Value("path"))
	}
	return nil, nil
}

// fileList answers file-list: what is in a directory, or one file.
func (s *Session) fileList(rpc *xmltree.Element) (*xmltree.Element, error) {
	name := rpc.Value("path")
	if name == "" {
		name = "~"
	}
	root, within, err := s.daemon.disk.at(s.User, name)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	found, err := fs.ReadDir(root.FS(), within)
	if err != nil {
		info, single := root.Stat(within)
		if single != nil || errors.Is(err, fs.ErrNotExist) {
			return nil, noFile(name)
		}
		found = []fs.DirEntry{fs.FileInfoToDirEntry(info)}
		within = path.Dir(within)
	}
	directory := xmltree.New("directory").Set("name", "/"+within)
	for _, f := range found {
		info, err := f.Info()
		if err != nil {
			continue // deleted meanwhile
		}
		file := xmltree.New("file-information").Leaf("file-name", f.Name())
		if f.IsDir() {
			file.Add(xmltree.New("file-directory"))
		}
		directory.Add(file.Leaf("file-size", strconv.FormatInt(info.Size(), 10)).
			Add(xmltree.Leaf("file-date", strconv.FormatInt(info.ModTime().Unix(), 10)).Set("junos:format", info.ModTime().Format("Jan _2 15:04"))))
	}
	return xmltree.New("directory-list").Set("root-path", "/"+within).Set("junos:style", "brief").
		Add(directory.Leaf("total-files", strconv.Itoa(len(found)))), nil
}

func fileListText(reply *xmltree.Element) string {
	var b strings.Builder
	for _, d := range reply.All("directory") {
		fmt.Fprintf(&b, "%s:\n", d.Attr("name"))
		for _, f := range d.All("file-information") {
			end := ""
			if f.Has("file-directory") {
				end = "/"
			}
			fmt.Fprintln(&b, f.Value("file-name")+end)
		}
		fmt.Fprintf(&b, "total files: %s\n", d.Value("total-files"))
	}
	return b.String()
}
