using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Deployments;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;

namespace Aegis.Tools.Deploy;

/// <summary>A project of the workspace as its files tell it.</summary>
internal sealed record ProjectReading(
    string Path, ProjectFacts Facts, ImmutableSortedDictionary<string, string> Texts)
{
    private const int NoFolder = 46;

    // names, and of the files that tell something the beginning; a name with a line break is left out
    private const string Script = """
        cd -- "$1" 2>/dev/null || exit 46
        list() {
          find . \( -name .git -o -name node_modules -o -name .venv -o -name bin -o -name obj \
            -o -name __pycache__ \) -prune -o -type f ! -name '*
        *' -printf '%P\n' | LC_ALL=C sort | head -n "$2"
        }
        list . "$2" | while IFS= read -r f; do
          printf 'F %s\n' "$f"
          case $f in
            package.json|pyproject.toml|requirements.txt|*.csproj|Dockerfile|*/Dockerfile) ;;
            compose.yaml|compose.yml|docker-compose.yml|docker-compose.yaml) ;;
            README.md|.env.example|.dockerignore) ;;
            *.js|*.mjs|*.cjs|*.ts|*.py|*.cs) ;;
            *) continue ;;
          esac
          printf 'C %s\n' "$(head -c "$3" -- "$f" | base64 -w0)"
        done
        """;

    private const int OutputBytesMax = 16 << 20;

    public static async ValueTask<(ProjectReading? Project, AegisError? Error)> ReadAsync(
        Execution execution, string path, CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(path, out var resolved, out var wrong))
        {
            return (null, wrong);
        }
        var result = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(Script, resolved, $"{ProjectFacts.FilesMax}", $"{ProjectFacts.FileCharsMax}"),
            Quiet: true, CaptureBytesMax: OutputBytesMax, Timeout: FileAnswer.TimeMax), cancel);
        if (!result.Ok)
        {
            return (null, result.ExitCode == NoFolder
                ? new AegisError("AEGIS2111", $"{resolved} is no folder of the workspace", "a folder", "none",
                    "name the folder of the project")
                : new AegisError("AEGIS2670", $"{resolved} could not be looked at", "its files",
                    result.StderrText.Trim(), "see the step's log"));
        }
        if (result.StdoutBytes > OutputBytesMax)
        {
            return (null, new AegisError("AEGIS2670", $"{resolved} has too many sources to look at",
                $"at most {OutputBytesMax} bytes", $"{result.StdoutBytes}", "name a smaller folder"));
        }
        return (Of(resolved, result.StdoutText), null);
    }

    private static ProjectReading Of(string path, string output)
    {
        var (files, texts) = (ImmutableArray.CreateBuilder<string>(),
            ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal));
        foreach (var line in output.Split('\n'))
        {
            if (line.StartsWith("F ", StringComparison.Ordinal))
            {
                files.Add(line[2..]);
            }
            else if (line.StartsWith("C ", StringComparison.Ordinal) && files.Count > 0)
            {
                texts[files[^1]] = Encoding.UTF8.GetString(Convert.FromBase64String(line[2..]));
            }
        }
        return new ProjectReading(path, ProjectReader.Read(files.ToImmutable(), texts), texts.ToImmutable());
    }

    /// <summary>Writes files of the project that it does not have, or all of them.</summary>
    public async ValueTask<AegisError?> WriteAsync(Execution execution,
        IEnumerable<KeyValuePair<string, string>> files, CancellationToken cancel)
    {
        foreach (var (name, text) in files)
        {
            var target = $"{Path}/{name}";
            var result = await execution.SandboxAsync(new SandboxCommand(
                FileAnswer.Bash(FileWrite.Script, target, "0", "-"), Stdin: Encoding.UTF8.GetBytes(text),
                Timeout: FileAnswer.TimeMax, Quiet: true), cancel);
            if (result is not { ExitCode: FileWrite.Created, TimedOut: false }
                && FileAnswer.ErrorOf(result, "file.write", target) is { } failed)
            {
                return failed;
            }
        }
        return null;
    }
}
