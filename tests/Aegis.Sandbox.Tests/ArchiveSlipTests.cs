using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Aegis.Sandbox.Tests;

/// <summary>Archives whose members leave the folder that they are unpacked in, by programs that let them:
/// what they write is the sandbox's. On the host the same archives reach the host.</summary>
[Collection("sandbox")]
public sealed class ArchiveSlipTests(SandboxFixture sandbox)
{
    private const string Up = "../../../../../../../../..";

    [Theory]
    [InlineData("tar, absolute name", "tar -xPf -")]
    [InlineData("tar, by the parents", "tar -xPf -")]
    [InlineData("tar, through a link", "tar -xPf -")]
    [InlineData("zip, by the parents", "cat > a.zip && unzip -: -o -q a.zip")]
    public async Task Member_ThatLeavesItsFolder_StaysInTheSandbox(string archive, string act)
    {
        var home = Directory.CreateTempSubdirectory("aegis-slip-").FullName;
        var slipped = Path.Combine(home, "slipped");
        var bytes = Archive(archive, home);
        await SandboxFixture.RunAsync(sandbox.Runner, SandboxFixture.Spec("sh", "-c", act),
            new SandboxIo(bytes));
        Assert.False(File.Exists(slipped), archive);

        var file = Path.Combine(home, "archive");
        await File.WriteAllBytesAsync(file, bytes);
        var unpacking = Directory.CreateDirectory(Path.Combine(home, "in")).FullName;
        var control = await sandbox.OnHostAsync("sh", "-c", $"cd {unpacking} && ({act}) < {file}");
        Assert.True(File.Exists(slipped), control.Stderr);
        Directory.Delete(home, recursive: true);
    }

    private static byte[] Archive(string name, string home)
    {
        using var made = new MemoryStream();
        if (name.StartsWith("zip", StringComparison.Ordinal))
        {
            using (var zip = new ZipArchive(made, ZipArchiveMode.Create, leaveOpen: true))
            {
                using var member = zip.CreateEntry($"{Up}{home}/slipped").Open();
                member.Write("slipped"u8);
            }
            return made.ToArray();
        }
        using (var tar = new TarWriter(made, leaveOpen: true))
        {
            if (name == "tar, through a link")
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "out") { LinkName = home });
            }
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name switch
            {
                "tar, absolute name" => $"{home}/slipped",
                "tar, by the parents" => $"{Up}{home}/slipped",
                _ => "out/slipped",
            })
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes("slipped")),
            });
        }
        return made.ToArray();
    }
}
