namespace Aegis.Cli.Commands;

/// <summary>Files that the command line names.</summary>
internal static class Files
{
    public const int WorkflowBytesMax = 1 << 20;

    public static byte[] Read(string path, int bytesMax)
    {
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            throw new CliException(ExitCode.Usage, "AEGIS7004", $"no such file: {path}", "check the path");
        }
        if (info.Length > bytesMax)
        {
            throw new CliException(ExitCode.Usage, "AEGIS7004",
                $"{path} has {info.Length} bytes; at most {bytesMax} are read", "send a smaller file");
        }
        return File.ReadAllBytes(path);
    }

    /// <summary>Writes beside and renames: what broke off never looks like a whole file.</summary>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        var partial = $"{path}.partial";
        await using (var file = File.Create(partial))
        {
            await write(file);
        }
        File.Move(partial, path, overwrite: true);
    }

    public static string ReadText(string path, int bytesMax)
    {
        try
        {
            return new System.Text.UTF8Encoding(false, true).GetString(Read(path, bytesMax));
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw new CliException(
                ExitCode.Usage, "AEGIS7004", $"{path} is not UTF-8 text", "convert the file");
        }
    }
}
