using Aegis.Gate.Terminals;

namespace Aegis.Gate.Tests.Terminals;

public sealed class TapeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Writer_WaitsAtTheLimit_AndGoesOnWithTheOwner()
    {
        var tape = new TerminalTape();
        var all = Bytes(TerminalTape.BytesMax + 1);
        tape.Append(all.AsSpan(0, TerminalTape.BytesMax));
        Assert.Equal((0, TerminalTape.BytesMax), (tape.Oldest, tape.End));
        var oneMore = Task.Factory.StartNew(() => tape.Append(all.AsSpan(TerminalTape.BytesMax)),
            TaskCreationOptions.LongRunning);
        Assert.True(tape.Acknowledge(0));
        Assert.False(oneMore.IsCompleted);
        Assert.True(tape.Acknowledge(1));
        await oneMore.WaitAsync(Patience);
        Assert.Equal((1, TerminalTape.BytesMax + 1), (tape.Oldest, tape.End));
        var from = 1L;
        var read = new byte[TerminalTape.BytesMax];
        Assert.Equal(read.Length, tape.Copy(ref from, read));
        Assert.True(read.AsSpan().SequenceEqual(all.AsSpan(1)));
    }

    [Fact]
    public void Offset_ThatIsGoneOrNeverWas_IsNotHeld()
    {
        var tape = new TerminalTape();
        tape.Append(Bytes(TerminalTape.BytesMax));
        tape.Acknowledge(TerminalTape.BytesMax);
        tape.Append(Bytes(10));
        Assert.False(tape.Hold(9));
        Assert.True(tape.Hold(10));
        Assert.True(tape.Hold(tape.End));
        Assert.False(tape.Hold(tape.End + 1));
        Assert.False(tape.Acknowledge(tape.End + 1));
    }

    [Fact]
    public void Watcher_ThatIsTooSlow_IsMovedToTheOldestByte()
    {
        var tape = new TerminalTape();
        var all = Bytes(TerminalTape.BytesMax * 2);
        tape.Append(all.AsSpan(0, TerminalTape.BytesMax));
        tape.Acknowledge(TerminalTape.BytesMax);
        tape.Append(all.AsSpan(TerminalTape.BytesMax, 100));
        var from = 5L;
        var read = new byte[10];
        Assert.Equal(10, tape.Copy(ref from, read));
        Assert.Equal(100, from);
        Assert.Equal(all[100..110], read);
    }

    [Fact]
    public async Task LetGo_FreesAWriterThatNobodyReads()
    {
        var tape = new TerminalTape();
        var writing = Task.Factory.StartNew(() => tape.Append(Bytes(TerminalTape.BytesMax * 3)),
            TaskCreationOptions.LongRunning);
        tape.LetGo();
        await writing.WaitAsync(Patience);
    }

    [Fact]
    public async Task Readers_AreWokenByBytesAndByTheEnd()
    {
        var tape = new TerminalTape();
        var first = tape.WaitAsync(0, default).AsTask();
        Assert.False(first.IsCompleted);
        tape.Append("x"u8);
        await first.WaitAsync(Patience);
        var second = tape.WaitAsync(1, default).AsTask();
        tape.Complete();
        await second.WaitAsync(Patience);
        Assert.True(tape.Ended);
    }

    [Fact]
    public async Task Bytes_OfAWriterAndAnOwnerAtOnce_ComeWholeAndInOrder()
    {
        var tape = new TerminalTape();
        var all = Bytes(TerminalTape.BytesMax * 5 + 17);
        var writing = Task.Factory.StartNew(() =>
        {
            var random = new Random(5);
            for (var at = 0; at < all.Length;)
            {
                var count = Math.Min(random.Next(1, 70_000), all.Length - at);
                tape.Append(all.AsSpan(at, count));
                at += count;
            }
            tape.Complete();
        }, TaskCreationOptions.LongRunning);
        var (seen, buffer, offset) = (new byte[all.Length], new byte[64 * 1024], 0L);
        while (true)
        {
            await tape.WaitAsync(offset, default).AsTask().WaitAsync(Patience);
            var from = offset;
            var count = tape.Copy(ref from, buffer);
            Assert.Equal(offset, from);
            if (count == 0 && tape.Ended && offset == tape.End)
            {
                break;
            }
            buffer.AsSpan(0, count).CopyTo(seen.AsSpan((int)offset));
            offset += count;
            tape.Acknowledge(offset);
        }
        await writing.WaitAsync(Patience);
        Assert.True(seen.AsSpan().SequenceEqual(all));
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
