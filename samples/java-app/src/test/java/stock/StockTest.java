package stock;

import static org.junit.Assert.assertEquals;

import org.junit.Ignore;
import org.junit.Test;

public class StockTest {
    @Test
    public void addsUp() {
        assertEquals(3, Stock.count(1, 2));
    }

    @Test
    public void nothingIsOne() {
        assertEquals("an empty shelf", 1, Stock.count());
    }

    @Test
    @Ignore("not yet")
    public void inParallel() {
    }
}
