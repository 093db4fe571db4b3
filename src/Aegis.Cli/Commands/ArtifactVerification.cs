using System.CommandLine;
using System.Security.Cryptography;
using Aegis.Client;
using Aegis.Core.Artifacts;
using Aegis.Core.Signatures;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis artifacts verify</c>: of an id on the server, of files right here, with nothing but the
/// project's public key.</summary>
internal static class ArtifactVerification
{
    /// <summary>Follows a file's name: its front matter, where the file cannot carry it.</summary>
    public const string Beside = ".artifact.md";

    private const int KeyBytesMax = 64 * 1024;

    private static readonly Argument<string[]> Targets = new("ID|FILE")
    {
        Description = "An id: the server looks at its whole chain. Files: they are verified here, without a "
            + "server, and where they are versions of one artifact, that they follow each other.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "The project's public keys, a PEM file (aegis artifacts keys); needed for files.",
        HelpName = "FILE",
    };

    public static Command Build(CommandDesk desk)
    {
        var command = new Verb("verify", "Verify hashes, signatures and the chain of versions.",
            "aegis artifacts verify report")
            { Targets, Key };
        command.SetAction(async (parsed, cancel) =>
        {
            var targets = parsed.GetRequiredValue(Targets);
            if (targets.Any(File.Exists) || parsed.GetValue(Key) is not null)
            {
                return OffLine(desk, parsed, targets);
            }
            using var client = desk.Connect().Open();
            var all = true;
            foreach (var id in targets)
            {
                all &= Report(desk, parsed, await client.VerifyArtifactAsync(id, cancel));
            }
            return all ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static int OffLine(CommandDesk desk, ParseResult parsed, string[] files)
    {
        var keys = Keys(parsed.GetValue(Key));
        var found = new List<ArtifactRecord>();
        var faults = new List<ArtifactFault>();
        foreach (var file in files)
        {
            if (Read(file, keys, faults) is { } record)
            {
                found.Add(record);
            }
        }
        var all = faults.Count == 0;
        foreach (var chain in found.GroupBy(r => (r.TenantId, r.ProjectId, r.ArtifactId)))
        {
            var broken = ArtifactChain.Faults(chain)
                .Select(f => new ArtifactFault(f.Code, f.Message, f.Expected, f.Got)).ToList();
            all &= Report(desk, parsed, new ArtifactVerdict(chain.Key.ArtifactId, broken.Count == 0,
                chain.Min(r => r.Version), chain.Max(r => r.Version), broken));
        }
        if (faults.Count > 0)
        {
            Report(desk, parsed, new ArtifactVerdict("files", false, 0, 0, faults));
        }
        return all ? ExitCode.Ok : ExitCode.Failed;
    }

    private static ArtifactRecord? Read(
        string file, IReadOnlyDictionary<string, byte[]> keys, List<ArtifactFault> faults)
    {
        var (header, content) = File.Exists(file + Beside) ? (file + Beside, file)
            : file.EndsWith(Beside, StringComparison.Ordinal) ? (file, file[..^Beside.Length])
            : (file, null);
        var read = FrontMatterReader.ReadSealed(Files.Read(header, ArtifactLimits.DocumentBytesMax), header);
        if (read.Value is not { } found)
        {
            faults.AddRange(read.Diagnostics.Select(d => new ArtifactFault(d.Error.Code,
                $"{d.At.File}:{d.At.Line}:{d.At.Column}: {d.Error.Message}", d.Error.Expected, d.Error.Got)));
            return null;
        }
        if (ArtifactSeal.Fault(found, keys.GetValueOrDefault(found.Record.KeyId)) is { } fault)
        {
            faults.Add(new ArtifactFault(fault.Code, $"{file}: {fault.Message}", fault.Expected, fault.Got));
            return null;
        }
        if (found.Record.ContentHash is { } hash && ContentHash(content) is var there && there != hash)
        {
            faults.Add(new ArtifactFault("AEGIS1167",
                $"{file}: the content is not what {ArtifactSeal.Named(found.Record)} was sealed with", hash,
                there ?? "no file beside it"));
            return null;
        }
        return found.Record;
    }

    private static string? ContentHash(string? file)
    {
        if (file is null || !File.Exists(file))
        {
            return null;
        }
        using var bytes = File.OpenRead(file);
        return ArtifactSeal.Shown(SHA256.HashData(bytes));
    }

    /// <summary>Every public key of a PEM file, by its id.</summary>
    private static Dictionary<string, byte[]> Keys(string? file)
    {
        var found = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var text = (file is null ? "" : Files.ReadText(file, KeyBytesMax)).AsSpan();
        while (PemEncoding.TryFind(text, out var pem))
        {
            if (text[pem.Label] is "PUBLIC KEY")
            {
                var key = Convert.FromBase64String(text[pem.Base64Data].ToString());
                found[P256Signature.KeyId(key)] = key;
            }
            text = text[pem.Location.End..];
        }
        return found.Count > 0 ? found : throw new CliException(ExitCode.Usage, "AEGIS7016",
            file is null ? "files are verified by the project's public key" : $"{file} holds no public key",
            "name a PEM file with --key; aegis artifacts keys prints it");
    }

    private static bool Report(CommandDesk desk, ParseResult parsed, ArtifactVerdict verdict)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(verdict, ClientJson.Default.ArtifactVerdict);
            return verdict.Ok;
        }
        foreach (var fault in verdict.Faults)
        {
            Failure.Write(desk.Terminal.Error, fault.Code, fault.Message, fault.Expected, fault.Got, null);
        }
        desk.Terminal.Out.WriteLine(Terminal.Visible(verdict.Ok
            ? $"verified: {verdict.ArtifactId} versions {verdict.From} to {verdict.To}"
            : $"NOT VERIFIED: {verdict.ArtifactId}, {verdict.Faults.Count} faults"));
        return verdict.Ok;
    }
}
