using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.FileHashes;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Files;

/// <summary>One walk through a workspace, in the order in which GitHub's runner hashes: search path by search
/// path, each folder's entries by the bytes of their names. Symbolic links are passed over, and so is what is
/// neither file nor folder.</summary>
internal sealed class FileHashWalk(FilePatterns patterns, FileHashLimits limits, CancellationToken cancel)
    : IDisposable
{
    private const int ChunkBytes = 128 * 1024;
    private const int NoSuchEntry = 2;
    private const int NotAFolder = 20;

    private readonly FileHashSum sum = new();
    private readonly byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
    private int entriesLeft = limits.Entries;
    private long bytesLeft = limits.Bytes;

    public string Hash(string workspace)
    {
        using var root = Libc.Open(workspace, out var errno)
            ?? throw Unreadable(".", errno);
        if (Libc.KindOf(root) != EntryKind.Folder)
        {
            throw Unreadable(".", NotAFolder);
        }
        foreach (var path in patterns.SearchPaths)
        {
            Search(root, path);
        }
        return sum.Finish();
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(chunk);
        sum.Dispose();
    }

    // goes down to where the search begins; a search path that is not there, or behind a link, finds nothing
    private void Search(SafeFileHandle root, string path)
    {
        if (path.Length == 0)
        {
            VisitFolder(root, "", 0);
            return;
        }
        var names = path.Split('/');
        var opened = new Stack<SafeFileHandle>();
        try
        {
            var folder = root;
            for (var i = 0; i < names.Length - 1; i++)
            {
                if (KindIn(folder, names[i], path, isListed: false) != EntryKind.Folder)
                {
                    return;
                }
                folder = Open(folder, names[i], path);
                opened.Push(folder);
            }
            Visit(folder, names[^1], path, names.Length - 1, isListed: false);
        }
        finally
        {
            foreach (var folder in opened)
            {
                folder.Dispose();
            }
        }
    }

    private void VisitFolder(SafeFileHandle folder, string path, int depth)
    {
        if (depth > limits.Depth)
        {
            throw TooMuch("folders below one another", limits.Depth);
        }
        foreach (var name in Names(folder))
        {
            Visit(folder, name, path.Length == 0 ? name : $"{path}/{name}", depth, isListed: true);
        }
    }

    private void Visit(SafeFileHandle folder, string name, string path, int depth, bool isListed)
    {
        cancel.ThrowIfCancellationRequested();
        var (isChosen, mayHold) = (patterns.Choose(path), patterns.MayChooseBelow(path));
        if (!isChosen && !mayHold)
        {
            return;
        }
        var kind = KindIn(folder, name, path, isListed);
        if (!(kind == EntryKind.Folder && mayHold) && !(kind == EntryKind.File && isChosen))
        {
            return;
        }
        using var entry = Open(folder, name, path);
        if (Libc.KindOf(entry) != kind)
        {
            throw Unreadable(path, NoSuchEntry);
        }
        if (kind == EntryKind.Folder)
        {
            VisitFolder(entry, path, depth + 1);
        }
        else
        {
            Add(entry);
        }
    }

    /// <summary>What an entry is; one that no listing named need not be there.</summary>
    private static EntryKind KindIn(SafeFileHandle folder, string name, string path, bool isListed)
    {
        var kind = Libc.KindIn(folder, name, out var errno);
        return kind is null && (isListed || errno is not (NoSuchEntry or NotAFolder))
            ? throw Unreadable(path, errno)
            : kind ?? EntryKind.Special;
    }

    // what became a link since it was looked at is refused by the kernel
    private static SafeFileHandle Open(SafeFileHandle folder, string name, string path) =>
        Libc.OpenIn(folder, name, out var errno) ?? throw Unreadable(path, errno);

    private List<string> Names(SafeFileHandle folder)
    {
        var names = new List<(byte[] Bytes, string Name)>();
        var listing = Directory.EnumerateFileSystemEntries($"/proc/self/fd/{folder.DangerousGetHandle()}");
        foreach (var entry in listing)
        {
            if (--entriesLeft < 0)
            {
                throw TooMuch("files and folders", limits.Entries);
            }
            var name = Path.GetFileName(entry);
            names.Add((Encoding.UTF8.GetBytes(name), name));
        }
        names.Sort((a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes));
        return names.ConvertAll(n => n.Name);
    }

    private void Add(SafeFileHandle file)
    {
        if (sum.Files >= limits.Files)
        {
            throw TooMuch("chosen files", limits.Files);
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long at = 0;
        while (RandomAccess.Read(file, chunk, at) is var read and > 0)
        {
            cancel.ThrowIfCancellationRequested();
            bytesLeft -= read;
            if (bytesLeft < 0)
            {
                throw TooMuch("bytes of chosen files", limits.Bytes);
            }
            hash.AppendData(chunk, 0, read);
            at += read;
        }
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        sum.Add(digest);
    }

    private static AegisException TooMuch(string what, long max) => new(new AegisError("AEGIS1098",
        $"hashFiles() met too many {what}", $"at most {max}", null, "name the folders that count"));

    private static AegisException Unreadable(string path, int errno) => new(new AegisError("AEGIS1099",
        $"hashFiles() cannot read {path}", "a readable entry whose name is UTF-8 text",
        Marshal.GetPInvokeErrorMessage(errno), "see to its permissions, or exclude it with !"));
}
