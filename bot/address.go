package bot

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode"
)

// CheckAddress refuses an address of ours or of a platform's that no path can be added to, or to which secrets would travel in the
// open. The error goes on from the name of what has the address, and repeats nothing that may hold a password.
func CheckAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || strings.ContainsFunc(address, unicode.IsSpace):
		return errors.New("is no web address; write it like https://crosscheck.example.org")
	case u.User != nil:
		return errors.New("must not hold a name or a password; write it like https://crosscheck.example.org")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(address, "#"):
		return errors.New("must end with its path, without anything from ? or # on, since paths are added to it")
	}
	return CheckSecure(u, "https", "http")
}

// CheckSecure refuses an address to which secrets would travel in the open: one that has not the closed scheme, but for the open
// one on this machine.
func CheckSecure(u *url.URL, closed, open string) error {
	if u.Scheme == closed || u.Scheme == open && loopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("must begin with %s://, or secrets travel in the open; %s:// is for this machine’s own address only", closed, open)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
