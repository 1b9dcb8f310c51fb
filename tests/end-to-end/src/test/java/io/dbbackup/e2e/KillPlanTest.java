package io.dbbackup.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KillPlanTest {

    @Test
    void the_same_seed_gives_the_same_moments_in_ascending_order() {
        KillPlan plan = KillPlan.of(42, 10);
        assertThat(KillPlan.of(42, 10)).isEqualTo(plan);
        assertThat(KillPlan.of(43, 10)).isNotEqualTo(plan);
        List<Double> shares = plan.moments().stream().map(KillPlan.Moment::share).toList();
        assertThat(shares).hasSize(10).isSorted().allMatch(share -> share >= 0 && share < 0.8);
    }
}
