using System.Text;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Egress;

/// <summary>Takes one connection, keeps every byte of it up to a mark, and answers then.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly LoopbackPort port = new();

    /// <param name="until">What ends the request.</param>
    public RawServer(string until) => Arrived = TakeAsync(until);

    public int Port => port.Number;

    public string Entry => $"127.0.0.1:{Port}";

    /// <summary>Everything that came, when the mark or the end of the connection has.</summary>
    public Task<string> Arrived { get; }

    public async ValueTask DisposeAsync()
    {
        port.Dispose();
        await Arrived;
    }

    private async Task<string> TakeAsync(string until)
    {
        var text = new StringBuilder();
        using var client = await port.NextAsync();
        if (client is null)
        {
            return "";
        }
        try
        {
            var stream = client.GetStream();
            var buffer = new byte[4096];
            int read;
            while ((read = await stream.ReadAsync(buffer)) > 0)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (text.ToString().EndsWith(until, StringComparison.Ordinal))
                {
                    await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                    break;
                }
            }
        }
        catch (IOException)
        {
            // cut off
        }
        return text.ToString();
    }
}
