"""What the system says of a file that cannot be read or written, and what a person can do then."""

import errno

from pipeline.render.text.escape import plain

FULL = "Make room on the disk, then run the same command again."
LARGER = "Name a folder on another disk, or raise the limit (`ulimit -f`)."
DENIED = "Allow it in the permissions of this file or folder, or name another."
IN_THE_WAY = "Move it away, or name another."
LINK = "Put the file or folder itself in its place, or name another."
NO_TEMPORARY = (
    "No temporary folder can be written. Make room on the disk, or set TMPDIR to a folder that can "
    "be written, then run the same command again."
)
ADVICE = {
    errno.ENOSPC: ("the disk is full", FULL),
    errno.EDQUOT: ("your share of the disk is full", FULL),
    errno.EFBIG: ("it is larger than a file may be here", LARGER),
    errno.EACCES: ("you may not read or write it", DENIED),
    errno.EPERM: ("you may not read or write it", DENIED),
    errno.EROFS: ("its disk can only be read", "Name a folder on another disk."),
    errno.EEXIST: ("something else is there already", IN_THE_WAY),
    errno.ENOTEMPTY: ("it is there already, and not empty", IN_THE_WAY),
    errno.ENOTDIR: ("a file or a link stands where a folder should be", IN_THE_WAY),
    errno.EISDIR: ("a folder stands where a file should be", IN_THE_WAY),
    errno.ENOENT: ("it is not there", "Look at its name."),
    errno.ELOOP: ("it is a link that leads back to itself", LINK),
    errno.ENAMETOOLONG: ("its name is too long", "Name a shorter one."),
    errno.EXDEV: ("it is on another disk than the folder above it", "Name another folder."),
}


def as_sentence(error: OSError) -> str:
    """Name the file, what is wrong and what to do; of a move, the place that was meant.

    >>> print(as_sentence(OSError(errno.ENOENT, "No such file or directory", "ana.csv")))
    ana.csv could not be read or written: it is not there. Look at its name.
    >>> print(as_sentence(OSError(errno.ENOENT, "No usable temporary directory"))[:34])
    No temporary folder can be written
    """
    named = error.filename2 or error.filename
    if named is None and error.errno == errno.ENOENT:  # what `tempfile` says, without a name
        return NO_TEMPORARY
    where = plain(str(named)) if named is not None else "The answer"
    said = plain(error.strerror or str(error))
    what, advice = ADVICE.get(error.errno or 0, (said, "Run the same command again."))
    return f"{where} could not be read or written: {what}. {advice}"
