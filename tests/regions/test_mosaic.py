from regions.mosaic import inside, mosaic, outline


def test_every_region_is_drawn():
    assert [shape.code for shape in mosaic().shapes] == [f"{n:02}" for n in range(1, 18)]
    assert (mosaic().width, mosaic().height) == (44, 40)


def test_cells_that_touch_become_one_shape():
    assert outline({(0, 0), (1, 0), (0, 1)}) == "M0 0H2V1H1V2H0Z"


def test_parts_that_touch_by_a_corner_stay_apart():
    assert outline({(0, 0), (1, 1)}).count("Z") == 2


def test_a_hole_is_a_ring_of_its_own():
    ring = {(x, y) for x in range(3) for y in range(3)} - {(1, 1)}
    assert outline(ring).count("Z") == 2


def test_a_label_stands_well_inside():
    assert inside({(x, y) for x in range(5) for y in range(5)}) == (2.5, 2.5)
