using System.Text;
using System.Text.Json;
using Aegis.Gate.Terminals;
using Aegis.Processes;

namespace Aegis.Gate.Tests.Terminals;

public sealed class AsciicastTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-cast-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Recording_PlaysBackToTheByte_WhateverItHolds()
    {
        var text = "a \"quoted\" back\\slash\ttab\r\n\u001b[31mred\u001b[0m \u0000\u0007\u007f é € 😀 end";
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            var lines = Lines(cast =>
            {
                cast.Add(bytes.AsSpan(0, cut));
                cast.Cut();
                cast.Add(bytes.AsSpan(cut));
            });
            Assert.Equal(text, Played(lines));
        }
    }

    [Fact]
    public void Bytes_ThatAreNoText_BecomeReplacementCharacters()
    {
        var lines = Lines(cast => cast.Add([0xff, (byte)'a', 0xc3, (byte)'b', 0xe2, 0x82]));
        Assert.Equal("\ufffda\ufffdb\ufffd", Played(lines));
    }

    [Fact]
    public void Header_AndSizes_AreOfVersion2()
    {
        var lines = Lines(cast =>
        {
            cast.Resize(new PtySize(132, 50));
            cast.Add("x"u8);
        });
        Assert.Equal((2, 80, 24), (lines[0].GetProperty("version").GetInt32(),
            lines[0].GetProperty("width").GetInt32(), lines[0].GetProperty("height").GetInt32()));
        Assert.Equal("""["r","132x50"]""", Behind(lines[1]));
        Assert.Equal("""["o","x"]""", Behind(lines[2]));
    }

    [Fact]
    public void Moment_LongerThanOneLine_IsCutIntoSeveral()
    {
        var bytes = new byte[300_000];
        Array.Fill(bytes, (byte)27);
        Assert.Equal(new string('\u001b', bytes.Length), Played(Lines(cast => cast.Add(bytes))));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void Recording_AtItsSize_EndsAndSaysSo()
    {
        var bytes = new byte[1 << 20];
        Array.Fill(bytes, (byte)'x');
        var path = Path.Combine(folder, "long.cast");
        var order = new TerminalOrder(new SandboxCommand(["bash"]), "bash", 80, 24, true);
        var under = 0L;
        using (var cast = new Asciicast(path, order, TimeProvider.System))
        {
            while ((under = new FileInfo(path).Length) < Asciicast.BytesMax - (2 << 20))
            {
                cast.Add(bytes);
            }
            Assert.DoesNotContain("recording ended", File.ReadLines(path).Last(), StringComparison.Ordinal);
            for (var more = 0; more < 4; more++)
            {
                cast.Add(bytes);
            }
        }
        Assert.Contains("recording ended", File.ReadLines(path).Last(), StringComparison.Ordinal);
        Assert.InRange(new FileInfo(path).Length, Asciicast.BytesMax, Asciicast.BytesMax + (128 << 10));
    }

    private List<JsonElement> Lines(Action<Asciicast> record)
    {
        var path = Path.Combine(folder, Path.GetRandomFileName());
        var order = new TerminalOrder(new SandboxCommand(["bash"]), "bash", 80, 24, true);
        using (var cast = new Asciicast(path, order, TimeProvider.System))
        {
            record(cast);
        }
        return [.. File.ReadAllLines(path).Select(l => JsonElement.Parse(l))];
    }

    private static string Played(List<JsonElement> lines) =>
        string.Concat(lines.Skip(1).Where(l => l[1].GetString() == "o").Select(l => l[2].GetString()));

    private static string Behind(JsonElement line) => $"[{line[1].GetRawText()},{line[2].GetRawText()}]";
}
