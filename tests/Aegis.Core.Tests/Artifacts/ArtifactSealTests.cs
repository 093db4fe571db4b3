using System.Security.Cryptography;
using System.Text.Json;
using Aegis.Core.Artifacts;
using Aegis.Core.Signatures;
using Aegis.Tests.Shared;

namespace Aegis.Core.Tests.Artifacts;

public sealed class ArtifactSealTests
{
    private static readonly byte[] Body = "# Summary\n\nhash_curr: not mine\n"u8.ToArray();

    [Fact]
    public void Sealed_AnyChangedByte_IsFound()
    {
        using var key = P256Signature.NewKey();
        var open = key.ExportSubjectPublicKeyInfo();
        var file = Records.File(Records.Sealed(key, Body), Body);
        Assert.Null(Fault(file, open));
        for (var at = 0; at < file.Length; at++)
        {
            foreach (var change in (byte[])[1, 0x20, 0x80])
            {
                var changed = (byte[])file.Clone();
                changed[at] ^= change;
                Assert.True(Fault(changed, open) is not null, $"byte {at} ^ {change}");
            }
        }
        Assert.NotNull(Fault(file[..^1], open));
        Assert.NotNull(Fault([.. file, 0], open));
    }

    [Fact]
    public void Sealed_ByAnotherKey_IsFound()
    {
        using var key = P256Signature.NewKey();
        using var other = P256Signature.NewKey();
        var open = key.ExportSubjectPublicKeyInfo();
        Assert.Equal("AEGIS1168", Fault(Records.File(Records.Sealed(other, Body), Body), open));
        // who forges takes the true key's name
        var forged = ArtifactSeal.Seal(Records.Of() with { KeyId = P256Signature.KeyId(open) }, Body, other);
        Assert.Equal("AEGIS1168", Fault(Records.File(forged, Body), open));
        Assert.Equal("AEGIS1168", Fault(Records.File(forged, Body), []));
    }

    [Fact]
    public void Chain_GapsForksAndStrangers_AreNamed()
    {
        using var key = P256Signature.NewKey();
        var one = Records.Sealed(key, Body);
        var two = Records.Sealed(key, Body, 2, one.HashCurr);
        var three = Records.Sealed(key, Body, 3, two.HashCurr);
        Assert.Empty(ArtifactChain.Faults([three, one, two]));
        Assert.Empty(ArtifactChain.Faults([two, three]));
        Assert.Empty(ArtifactChain.Faults([]));
        Assert.Contains("missing", ArtifactChain.Faults([one, three]).Single().Message);
        Assert.Contains("twice", ArtifactChain.Faults([one, two, two]).Single().Message);
        var fork = Records.Sealed(key, Body, 2, three.HashCurr);
        Assert.Contains("does not follow", ArtifactChain.Faults([one, fork]).Single().Message);
        Assert.Contains("does not follow", ArtifactChain.Faults([one with { HashPrev = two.HashCurr }])
            .Single().Message);
        var stranger = two with { TenantId = "x" };
        Assert.Contains("not of one", ArtifactChain.Faults([one, stranger]).Single().Message);
    }

    /// <summary>Files that were sealed once and are kept for ever; a program that knows only
    /// docs/artifacts.md comes to the same verdicts.</summary>
    [Fact]
    public async Task Vectors_HoldHere_AndInASecondImplementation()
    {
        var folder = Environment.GetEnvironmentVariable("AEGIS_RECORD_VECTORS") is { } record
            ? Record(record)
            : Path.Combine(AppContext.BaseDirectory, "Artifacts/Vectors");
        var pem = Path.Combine(folder, "key.pem");
        using var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(pem));
        string[] files = ["report.1.md", "report.2.md", "results.json.artifact.md"];
        var said = (await NodeProgram.RunAsync("artifact.mjs",
            [pem, .. files.Select(f => Path.Combine(folder, f))])).Trim().Split('\n');
        var records = new List<ArtifactRecord>();
        foreach (var (file, line) in files.Zip(said))
        {
            var read = FrontMatterReader.ReadSealed(
                await File.ReadAllBytesAsync(Path.Combine(folder, file)), file).Value!;
            Assert.Null(ArtifactSeal.Fault(read, key.ExportSubjectPublicKeyInfo()));
            var other = JsonElement.Parse(line);
            Assert.True(other.GetProperty("ok").GetBoolean(), line);
            Assert.Equal(read.Record.HashCurr, other.GetProperty("hash").GetString());
            records.Add(read.Record);
        }
        Assert.Empty(ArtifactChain.Faults(records.Take(2)));
    }

    [Fact]
    public async Task SecondImplementation_FindsWhatWasChanged()
    {
        using var key = P256Signature.NewKey();
        var folder = Directory.CreateTempSubdirectory("aegis-artifact-").FullName;
        var pem = Path.Combine(folder, "key.pem");
        await File.WriteAllTextAsync(pem, key.ExportSubjectPublicKeyInfoPem());
        var file = Records.File(Records.Sealed(key, Body), Body);
        var forged = Records.Of() with { KeyId = P256Signature.KeyId(key.ExportSubjectPublicKeyInfo()) };
        using var other = P256Signature.NewKey();
        foreach (var (bytes, why) in new[]
        {
            (file, null), ([.. file, (byte)'x'], "hash"),
            (Records.File(ArtifactSeal.Seal(forged, Body, other), Body), "signature"),
        })
        {
            var path = Path.Combine(folder, "f.md");
            await File.WriteAllBytesAsync(path, bytes);
            var said = JsonElement.Parse(await NodeProgram.RunAsync("artifact.mjs", pem, path));
            Assert.Equal(why, said.TryGetProperty("why", out var w) ? w.GetString() : null);
        }
    }

    private static string? Fault(byte[] file, byte[] key)
    {
        var read = FrontMatterReader.ReadSealed(file, "f.md");
        return read.Value is null ? read.Diagnostics[0].Error.Code
            : ArtifactSeal.Fault(read.Value, key)?.Code;
    }

    private static string Record(string folder)
    {
        using var key = P256Signature.NewKey();
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportSubjectPublicKeyInfoPem() + "\n");
        var one = Records.Sealed(key, Body);
        Write("report.1.md", Records.File(one, Body));
        byte[] second = "second\n"u8.ToArray();
        Write("report.2.md", Records.File(Records.Sealed(key, second, 2, one.HashCurr), second));
        byte[] content = "{}\n"u8.ToArray();
        Write("results.json", content);
        Write("results.json.artifact.md", Records.File(ArtifactSeal.Seal(Records.Of() with
        {
            KeyId = one.KeyId,
            Path = "out/results.json",
            MediaType = "application/json",
            ContentHash = ArtifactSeal.Shown(SHA256.HashData(content)),
            ContentBytes = content.Length,
        }, [], key), []));
        return folder;

        void Write(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(folder, name), bytes);
    }
}
