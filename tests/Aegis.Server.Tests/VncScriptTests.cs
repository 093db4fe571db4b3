using Aegis.Server.Tests.Rpc;

namespace Aegis.Server.Tests;

/// <summary>deploy/vnc/start.sh with a program in the place of the VNC server, which listens where it
/// likes.</summary>
public sealed class VncScriptTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-vnc-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("0.0.0.0", false)]
    public async Task Screen_ThatListensAnywhereButOnLoopback_IsEnded(string address, bool stays)
    {
        var display = Random.Shared.Next(2_000, 20_000);
        var output = await Shell.RunAsync($$"""
            cd {{folder}}; mkdir -p bin home/.vnc; echo x > home/.vnc/passwd
            cat > bin/vncserver <<'END'
            #!/bin/bash
            if [ "$1" = -kill ]; then kill "$(cat {{folder}}/pid)"; exit; fi
            python3 - <<'PY' & echo $! > {{folder}}/pid
            import signal, socket
            s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(("{{address}}", {{5900 + display}})); s.listen(); signal.pause()
            PY
            END
            chmod +x bin/vncserver
            export PATH={{folder}}/bin:$PATH HOME={{folder}}/home AEGIS_VNC_DISPLAY={{display}}
            {{Script()}} >out 2>err; echo "status $?"
            ss -Hltn "sport = :{{5900 + display}}" | wc -l
            {{Script()}} --stop; cat err
            """);
        Assert.Equal(stays ? ["status 0", "1"] : ["status 1", "0"], output.Split('\n')[..2]);
        Assert.Equal(!stays, output.Contains("not on loopback alone", StringComparison.Ordinal));
    }

    private static string Script()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "Aegis.slnx")))
        {
            at = Path.GetDirectoryName(at)!;
        }
        return Path.Combine(at, "deploy", "vnc", "start.sh");
    }
}
