using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Aegis.Client;
using Aegis.Sealing;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Rpc;

/// <summary>Sealed connections, with a relay between that sees every byte, and one that changes
/// some.</summary>
[Collection(RealServerGroup.Name)]
public sealed class SealTests(RealServer server)
{
    private const string Marker = "a-line-that-no-relay-may-read";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Relay_SeesNothing_OfASealedConnection(bool isSealed)
    {
        using var relay = new Relay(server.Server.Url);
        var shown = new StringBuilder();
        var ended = new TaskCompletionSource();
        await using (var rpc = await RpcConnection.OpenAsync(
            relay.Url, server.Key, new RpcOptions(isSealed)))
        {
            var shell = await rpc.TerminalAsync("pty.open", new JsonObject(), piece =>
            {
                shown.Append(Encoding.UTF8.GetString(piece.Span));
                return default;
            });
            var line = Encoding.UTF8.GetBytes($"echo {Marker}; exit 4\n");
            await shell.TypeAsync(line, 0);
            Assert.Equal(new TerminalEnd("exit", 4), await shell.Ended);
        }
        Assert.Contains(Marker, shown.ToString(), StringComparison.Ordinal);
        var seen = relay.Seen;
        // the control: without a seal the relay reads the output and the key
        Assert.Equal(!isSealed, seen.Contains(Marker, StringComparison.Ordinal));
        Assert.Equal(!isSealed, seen.Contains(server.Key, StringComparison.Ordinal));
        foreach (var plain in new[] { "pty.open", "exit_code", "session", "run_" })
        {
            Assert.Equal(!isSealed, seen.Contains(plain, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Relay_ThatChangesAByte_IsFoundOut()
    {
        using var relay = new Relay(server.Server.Url) { FlipAfter = 3 };
        var rpc = await RpcConnection.OpenAsync(relay.Url, null, new RpcOptions(true));
        await using (rpc)
        {
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                for (var i = 0; i < 10; i++)
                {
                    await rpc.CallAsync("ping", []);
                }
            });
            Assert.Contains("AEGIS6323", rpc.CloseReason ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Server_ThatIsNotThePairedOne_IsRefused()
    {
        await using var good = await RpcConnection.OpenAsync(
            server.Server.Url, server.Key, new RpcOptions(true));
        Assert.NotNull(good.ServerKey);
        await using var pinned = await RpcConnection.OpenAsync(
            server.Server.Url, server.Key, new RpcOptions(true, good.ServerKey));
        using var other = SealedHandshake.LastingKey(new byte[32]);
        var wrong = System.Buffers.Text.Base64Url.EncodeToString(SealedHandshake.PointOf(other));
        var refused = await Assert.ThrowsAsync<RpcException>(() => RpcConnection.OpenAsync(
            server.Server.Url, server.Key, new RpcOptions(true, wrong)));
        Assert.Equal("AEGIS6324", refused.Problem.Code);
    }

    [Fact]
    public async Task Pairing_OverARelay_ShowsItNeitherTokenNorCodeNorKey()
    {
        using var relay = new Relay(server.Server.Url);
        var (_, offer, _) = await server.SendAsync("POST", "/v1/pairings", "{}");
        var credential = offer.GetProperty("credential").GetString()!;
        await using var rpc = await RpcConnection.OpenAsync(
            relay.Url, null, new RpcOptions(true, offer.GetProperty("server_key").GetString()));
        await rpc.CallAsync("pair.init", new JsonObject { ["device"] = "android", ["token"] = credential });
        var (_, state, _) = await server.SendAsync(
            "GET", $"/v1/pairings/{offer.GetProperty("offer_id").GetString()}");
        var code = state.GetProperty("pairings")[0].GetProperty("code").GetString()!;
        var paired = await rpc.CallAsync("pair.confirm", new JsonObject { ["code"] = code });
        var key = paired.GetProperty("key").GetString()!;
        foreach (var secret in new[] { credential, offer.GetProperty("token").GetString()!, key, code })
        {
            Assert.DoesNotContain(secret, relay.Seen, StringComparison.Ordinal);
        }
        // the device's own key, over the relay
        await using var device = await RpcConnection.OpenAsync(relay.Url, key,
            new RpcOptions(true, paired.GetProperty("server_key").GetString()));
        var answer = await device.CallAsync("exec", new JsonObject { ["cmd"] = "echo sealed" });
        Assert.Equal(0, answer.GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task Connection_ThatDoesNotSayWhoItIs_DoesNothing_AndIsClosed()
    {
        await using var rpc = await RpcConnection.OpenAsync(server.Server.Url, null, new RpcOptions(true));
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => rpc.CallAsync("exec", new JsonObject { ["cmd"] = "id" }));
        Assert.Equal("AEGIS6010", refused.Problem.Code);
        refused = await Assert.ThrowsAsync<RpcException>(
            () => rpc.CallAsync("auth", new JsonObject { ["key"] = "aegis_key_wrong" }));
        Assert.Equal("AEGIS6010", refused.Problem.Code);
        await rpc.Closed.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.StartsWith("AEGIS6325", rpc.CloseReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Channel_TakesExactlyTheNextFrame()
    {
        var (up, down) = (new byte[32], new byte[32]);
        down[0] = 1;
        using var client = new SealedChannel(up, down);
        using var host = new SealedChannel(down, up);
        var frames = Enumerable.Range(0, 3).Select(i => Seal(client, $"message {i}")).ToArray();
        var plain = new byte[100];
        Assert.Equal(-1, host.Open(frames[1], plain));
        Assert.Equal(10, host.Open(frames[0], plain));
        Assert.Equal("message 0", Encoding.UTF8.GetString(plain, 1, 9));
        Assert.Equal(-1, host.Open(frames[0], plain));
        for (var at = 0; at < frames[1].Length; at++)
        {
            var changed = frames[1].ToArray();
            changed[at] ^= 0x20;
            Assert.Equal(-1, host.Open(changed, plain));
        }
        Assert.Equal(-1, host.Open(frames[1].AsSpan(0, 20), plain));
        Assert.Equal(10, host.Open(frames[1], plain));
        // its own frame thrown back at it
        Assert.Equal(-1, client.Open(frames[2], plain));
        Assert.Equal(10, host.Open(frames[2], plain));
    }

    [Fact]
    public void Handshake_RefusesWhatIsNoPoint()
    {
        using var lasting = SealedHandshake.LastingKey(new byte[32]);
        using var good = SealedHandshake.Begin();
        using var host = SealedHandshake.Begin();
        Assert.NotNull(host.Answer(lasting, good.Point, good.Nonce));
        var off = good.Point.ToArray();
        off[^1] ^= 1;
        Assert.Null(host.Answer(lasting, off, good.Nonce));
        Assert.Null(host.Answer(lasting, new byte[SealedHandshake.PointBytes], good.Nonce));
        Assert.Null(host.Answer(lasting, good.Point[..64], good.Nonce));
        Assert.Null(host.Answer(lasting, good.Point, new byte[31]));
    }

    private static byte[] Seal(SealedChannel channel, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var frame = new byte[bytes.Length + SealedChannel.OverheadBytes];
        return frame[..channel.Seal(false, bytes, new byte[bytes.Length + 1], frame)];
    }

    /// <summary>Carries TCP between a client and the server, and keeps all of it. What a client sends is
    /// masked by WebSocket with a key that stands beside it: it is unmasked here, as any relay can.</summary>
    private sealed class Relay : IDisposable
    {
        private readonly LoopbackPort port = new();
        private readonly StringBuilder seen = new();
        private readonly Uri target;

        public Relay(Uri target)
        {
            this.target = target;
            _ = AcceptAsync();
        }

        public Uri Url => new($"http://127.0.0.1:{port.Number}");

        /// <summary>Pieces of the client's that pass before a byte of one is changed; 0 for never.</summary>
        public int FlipAfter { get; init; }

        public string Seen
        {
            get
            {
                lock (seen)
                {
                    return seen.ToString();
                }
            }
        }

        public void Dispose() => port.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (await port.NextAsync() is { } client)
                {
                    var up = new TcpClient();
                    await up.ConnectAsync(target.Host, target.Port);
                    _ = CarryAsync(client.GetStream(), up.GetStream(), FlipAfter, isClient: true);
                    _ = CarryAsync(up.GetStream(), client.GetStream(), 0, isClient: false);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // the test is over
            }
        }

        private async Task CarryAsync(Stream from, Stream to, int flipAfter, bool isClient)
        {
            var buffer = new byte[64 * 1024];
            var pieces = 0;
            try
            {
                int read;
                while ((read = await from.ReadAsync(buffer)) > 0)
                {
                    Keep(buffer.AsSpan(0, read), isClient);
                    if (++pieces == flipAfter)
                    {
                        buffer[read - 1] ^= 1;
                    }
                    await to.WriteAsync(buffer.AsMemory(0, read));
                }
                to.Close();
            }
            catch (IOException)
            {
                to.Close();
            }
        }

        private void Keep(ReadOnlySpan<byte> bytes, bool isClient)
        {
            lock (seen)
            {
                seen.Append(Encoding.Latin1.GetString(bytes));
                if (isClient && bytes.Length > 6 && (bytes[1] & 0x80) != 0)
                {
                    var head = (bytes[1] & 0x7f) switch { 126 => 4, 127 => 10, _ => 2 };
                    var plain = bytes[(head + 4)..].ToArray();
                    for (var i = 0; i < plain.Length; i++)
                    {
                        plain[i] ^= bytes[head + (i & 3)];
                    }
                    seen.Append(Encoding.Latin1.GetString(plain));
                }
            }
        }
    }
}
