//! Folders: the only room that reads the workspace's files.
