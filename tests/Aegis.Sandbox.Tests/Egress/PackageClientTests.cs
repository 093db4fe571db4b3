using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Sandbox.Tests.Egress;

/// <summary>The clients that people use, unchanged, inside the walls, against servers on loopback; and the
/// same commands where the host is not allowed.</summary>
[Collection("sandbox")]
public sealed class PackageClientTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task NpmCi_FetchesFromAnAllowedRegistry()
    {
        await using var registry = new StaticServer();
        var entry = $"registry.example:{registry.Port}";
        var tarball = NpmPackage();
        registry.Files["/left/-/left-1.0.0.tgz"] = tarball;
        var integrity = "sha512-" + Convert.ToBase64String(SHA512.HashData(tarball));
        var act = $$$$"""
            cat > package.json <<'J'
            {"name":"app","version":"1.0.0","dependencies":{"left":"1.0.0"}}
            J
            cat > package-lock.json <<'J'
            {"name":"app","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{
              "":{"name":"app","version":"1.0.0","dependencies":{"left":"1.0.0"}},
              "node_modules/left":{"version":"1.0.0","integrity":"{{{{integrity}}}}",
                "resolved":"http://{{{{entry}}}}/left/-/left-1.0.0.tgz"}}}
            J
            npm ci --no-audit --no-fund --fetch-retries=0 --registry http://{{{{entry}}}}/ 2>&1 &&
              node -e 'console.log(require("left"))'
            """;
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox, entry);
        var (ran, facts) = await proxied.RunAsync([entry], "sh", "-c", act);
        Assert.True(ran.Exit == 0 && ran.Stdout.EndsWith("left 1.0.0", StringComparison.Ordinal),
            ran.Stdout);
        Assert.Contains("GET /left/-/left-1.0.0.tgz", registry.Asked);
        Assert.All(facts, fact => Assert.Null(fact.Denied));
        var (denied, no) = await proxied.RunAsync(["other.example"], "sh", "-c", act);
        Assert.NotEqual(0, denied.Exit);
        Assert.Contains("403", denied.Stdout, StringComparison.Ordinal);
        Assert.Equal("AEGIS2161", Assert.Single(no).Denied);
    }

    [Fact]
    public async Task PipInstall_FetchesFromAnAllowedIndex_OverTls()
    {
        await using var index = new StaticServer("pypi.example");
        var entry = $"pypi.example:{index.Port}";
        index.Files["/simple/demo/"] = Encoding.UTF8.GetBytes(
            "<!DOCTYPE html><a href=\"/demo-1.0-py3-none-any.whl\">demo-1.0-py3-none-any.whl</a>");
        index.Files["/demo-1.0-py3-none-any.whl"] = Wheel();
        var act = $"""
            cat > ca.pem <<'P'
            {index.Authority!.ExportCertificatePem()}
            P
            python3 "$(echo /usr/share/python-wheels/pip-*.whl)/pip" install --cert ca.pem --retries 0 \
              --disable-pip-version-check --target /work/site --index-url https://{entry}/simple/ demo 2>&1 &&
              PYTHONPATH=/work/site python3 -c 'import demo; print(demo.said)'
            """;
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox, entry);
        var (ran, facts) = await proxied.RunAsync([entry], "bash", "-c", act);
        Assert.True(ran.Exit == 0 && ran.Stdout.EndsWith("demo 1.0", StringComparison.Ordinal), ran.Stdout);
        Assert.Equal("CONNECT", Assert.Single(facts).Method);
        var (denied, no) = await proxied.RunAsync(["other.example"], "bash", "-c", act);
        Assert.NotEqual(0, denied.Exit);
        Assert.Equal("AEGIS2161", Assert.Single(no).Denied);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GitClone_FetchesFromAnAllowedHost(bool tls)
    {
        await using var host = new StaticServer(tls ? "git.example" : null);
        var entry = $"git.example:{host.Port}";
        await ServeRepositoryAsync(host);
        var act = $"""
            cat > ca.pem <<'P'
            {host.Authority?.ExportCertificatePem()}
            P
            git -c http.sslCAInfo=/work/ca.pem clone -q http{(tls ? "s" : "")}://{entry}/repo.git copy 2>&1 &&
              cat copy/read.me
            """;
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox, entry);
        var (ran, facts) = await proxied.RunAsync([entry], "sh", "-c", act);
        Assert.Equal((0, "hello"), (ran.Exit, ran.Stdout));
        Assert.Equal(tls ? "CONNECT" : "GET", Assert.Single(facts).Method);
        var (denied, no) = await proxied.RunAsync(["other.example"], "sh", "-c", act);
        Assert.NotEqual(0, denied.Exit);
        Assert.Contains("403", denied.Stdout, StringComparison.Ordinal);
        Assert.Equal("AEGIS2161", Assert.Single(no).Denied);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GitClone_OverSmartHttp_FetchesFromAnAllowedHost(bool tls)
    {
        await using var host = new StaticServer(tls ? "git.example" : null);
        var entry = $"git.example:{host.Port}";
        await ServeRepositoryAsync(host);
        var bare = Path.Combine(sandbox.Home, $"git-{host.Port}", "repo.git");
        host.Files.Clear();
        host.Act = (asked, body) => UploadPackAsync(bare, asked, body);
        var url = $"http{(tls ? "s" : "")}://{entry}/repo.git";
        var act = $"""
            cat > ca.pem <<'P'
            {host.Authority?.ExportCertificatePem()}
            P
            git -c http.sslCAInfo=/work/ca.pem clone -q --depth 1 {url} copy 2>&1 && cat copy/read.me
            """;
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox, entry);
        var (ran, facts) = await proxied.RunAsync([entry], "sh", "-c", act);
        Assert.Equal((0, "hello"), (ran.Exit, ran.Stdout));
        Assert.Contains("POST /repo.git/git-upload-pack", host.Asked);
        Assert.Equal(tls ? ["CONNECT"] : ["GET", "POST"], facts.Select(fact => fact.Method));
        // reading without writing: git push would ask for git-receive-pack
        var (read, _) = await proxied.RunAsync([$"GET {entry}/repo.git/*",
            $"POST {entry}/repo.git/git-upload-pack"], "sh", "-c", act);
        Assert.Equal(tls ? 128 : 0, read.Exit);
    }

    private async Task<(string Type, byte[] Body)> UploadPackAsync(string bare, string asked, byte[] body)
    {
        var (request, answer) = (Path.Combine(bare, "request"), Path.Combine(bare, "answer"));
        await File.WriteAllBytesAsync(request, body);
        var advertises = asked.StartsWith("GET /repo.git/info/refs", StringComparison.Ordinal);
        var ran = await sandbox.OnHostAsync("sh", "-ec", advertises
            ? $"printf '001e# service=git-upload-pack\\n0000' > {answer};"
                + $" git upload-pack --strict --http-backend-info-refs {bare} >> {answer}"
            : $"git upload-pack --strict --stateless-rpc {bare} < {request} > {answer}");
        Assert.Equal((0, ""), (ran.Exit, ran.Stderr));
        return (advertises ? "application/x-git-upload-pack-advertisement"
            : "application/x-git-upload-pack-result", await File.ReadAllBytesAsync(answer));
    }

    private async Task ServeRepositoryAsync(StaticServer host)
    {
        var root = Path.Combine(sandbox.Home, $"git-{host.Port}");
        var made = await sandbox.OnHostAsync("env", $"HOME={sandbox.Home}", "sh", "-ec", $"""
            git init -q -b main {root}/w; cd {root}/w; echo hello > read.me; git add read.me
            git -c user.name=t -c user.email=t@example.org commit -qm first
            git clone -q --bare . ../repo.git; git --git-dir=../repo.git update-server-info
            """);
        Assert.Equal((0, ""), (made.Exit, made.Stderr));
        foreach (var file in Directory.EnumerateFiles($"{root}/repo.git", "*", SearchOption.AllDirectories))
        {
            host.Files["/repo.git" + file[$"{root}/repo.git".Length..]] = await File.ReadAllBytesAsync(file);
        }
    }

    private static byte[] NpmPackage()
    {
        using var bytes = new MemoryStream();
        using (var zip = new GZipStream(bytes, CompressionLevel.Fastest))
        using (var tar = new TarWriter(zip, TarEntryFormat.Ustar))
        {
            foreach (var (name, text) in new[]
            {
                ("package/package.json", """{"name":"left","version":"1.0.0","main":"index.js"}"""),
                ("package/index.js", "module.exports = 'left 1.0.0';"),
            })
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                });
            }
        }
        return bytes.ToArray();
    }

    private static byte[] Wheel()
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in new[]
            {
                ("demo.py", "said = 'demo 1.0'\n"),
                ("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"),
                ("demo-1.0.dist-info/WHEEL",
                    "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
                ("demo-1.0.dist-info/RECORD",
                    "demo.py,,\ndemo-1.0.dist-info/METADATA,,\ndemo-1.0.dist-info/WHEEL,,\n"
                    + "demo-1.0.dist-info/RECORD,,\n"),
            })
            {
                using var writer = new StreamWriter(zip.CreateEntry(name).Open());
                writer.Write(text);
            }
        }
        return bytes.ToArray();
    }
}
