// Package deploycheck checks the files that run the program, and the workflows of this
// repository, with the tools that read them: Kubernetes' own types, decoded strictly,
// BuildKit's parser and linter of Dockerfiles, actionlint, and systemd-analyze. It is a
// module of its own, so that no user of the library gets any of them.
package deploycheck
